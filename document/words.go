package document

import (
	"fmt"
	"strconv"
	"time"
)

// hanoi is the legal time of Viet Nam, which has no summer time.
var hanoi = time.FixedZone("+07", 7*60*60)

// words are the fixed words of papers in one language.
type words struct {
	state, motto       string // national heading, Decree 30/2020/NĐ-CP, Annex I, part I, section II.1
	translation        string // said under the title of a paper that is not in Vietnamese
	titles             map[Kind]string
	number, caseCode   string
	procedure          string
	to                 string
	from               string
	items              map[Kind]string
	law                string
	files              string
	file, note         string
	order              string // heading of the column of numbers
	sources            string
	label, value, held string
	fee, free, why     string
	due                map[Kind]string
	was, term          string
	validity           string
	copies, archive    string
	signedBy, signedAt string
	key                string
	verify, verifyHow  string
	paper, page        string
	date               func(place string, t time.Time) string
}

var vietnamese = words{
	state: "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
	motto: "Độc lập - Tự do - Hạnh phúc",
	titles: map[Kind]string{
		Receipt:    "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
		Supplement: "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
		Refusal:    "Phiếu từ chối tiếp nhận giải quyết hồ sơ",
		Apology:    "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết",
	},
	number: "Số:", caseCode: "Mã hồ sơ:", procedure: "Thủ tục:", to: "Kính gửi:", from: "Người nộp hồ sơ",
	items: map[Kind]string{
		Receipt:    "Nội dung cần lưu ý",
		Supplement: "Nội dung cần bổ sung, hoàn thiện",
		Refusal:    "Lý do từ chối",
		Apology:    "Lý do chậm trả kết quả",
		Result:     "Lý do và căn cứ",
	},
	law: "Căn cứ:", files: "Thành phần hồ sơ đã nhận", file: "Tên giấy tờ", note: "Ghi chú", order: "TT",
	sources: "Thông tin cơ quan nhà nước đã có, người nộp không phải khai lại",
	label:   "Thông tin", value: "Nội dung", held: "Nguồn",
	fee: "Phí, lệ phí", free: "Không thu", why: "Căn cứ tính thời hạn",
	due: map[Kind]string{
		Receipt:    "Thời hạn trả kết quả",
		Supplement: "Thời hạn bổ sung",
		Refusal:    "Thời hạn",
		Apology:    "Thời hạn trả kết quả mới",
		Result:     "Thời hạn",
	},
	was: "Thời hạn đã hẹn trước đây", term: "Thời gian giải quyết",
	validity: "Giá trị sử dụng", copies: "Nơi nhận:", archive: "Lưu: VT, hồ sơ điện tử",
	signedBy: "Ký điện tử bởi:", signedAt: "Thời gian ký:", key: "Khóa ký:",
	verify:    "Kiểm tra văn bản",
	verifyHow: "Quét mã QR hoặc mở địa chỉ dưới đây để biết văn bản do ai ban hành, còn giá trị hay không, và để đối chiếu chữ ký điện tử.",
	paper:     "Mã văn bản:", page: "Trang %d/%d",
	date: func(place string, t time.Time) string { return place + ", " + longDate(t) },
}

var english = words{
	state:       "SOCIALIST REPUBLIC OF VIET NAM",
	motto:       "Independence - Freedom - Happiness",
	translation: "English translation, for information",
	titles: map[Kind]string{
		Receipt:    "Receipt of the dossier with date of the result",
		Supplement: "Request to supplement and complete the dossier",
		Refusal:    "Refusal of the dossier",
		Apology:    "Apology and extension of the time for the result",
	},
	number: "No.", caseCode: "Case:", procedure: "Procedure:", to: "To:", from: "Applicant",
	items: map[Kind]string{
		Receipt:    "Please note",
		Supplement: "To be supplied or corrected",
		Refusal:    "Grounds of the refusal",
		Apology:    "Reasons of the delay",
		Result:     "Reasons and legal basis",
	},
	law: "Legal basis:", files: "Papers received", file: "Paper", note: "Note", order: "No.",
	sources: "What the administration holds already, not asked again",
	label:   "Information", value: "Content", held: "Source",
	fee: "Fee", free: "None", why: "How the date was computed",
	due: map[Kind]string{
		Receipt:    "Result due",
		Supplement: "Answer due",
		Refusal:    "Due",
		Apology:    "New date of the result",
		Result:     "Due",
	},
	was: "Date given before", term: "Time for the decision",
	validity: "Validity", copies: "Copies:", archive: "Registry, electronic file",
	signedBy: "Signed electronically by:", signedAt: "Signed at:", key: "Key:",
	verify:    "Check this paper",
	verifyHow: "Scan the QR code or open the address below to see who issued this paper, whether it is in force, and to check its electronic signature.",
	paper:     "Paper:", page: "Page %d/%d",
	date: func(place string, t time.Time) string { return place + ", " + t.Format("2 January 2006") },
}

func wordsIn(lang string) *words {
	if lang == "en" {
		return &english
	}
	return &vietnamese
}

// longDate writes a date with a 0 before days under 10 and months 1 and 2.
//
// Source: Decree 30/2020/NĐ-CP, Annex I, part I, section II.4.
func longDate(t time.Time) string {
	month := strconv.Itoa(int(t.Month()))
	if t.Month() < time.March {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", t.Day(), month, t.Year())
}

// dong writes an amount with points between groups: 1.250.000 đồng.
func dong(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "." + s[i:]
	}
	return s + " đồng"
}
