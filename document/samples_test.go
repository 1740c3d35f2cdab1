package document

import "time"

var morning = time.Date(2026, 11, 26, 9, 30, 12, 0, hanoi)

// base is what the sample papers share.
func base(kind Kind, number, title string) Paper {
	return Paper{
		ID: "7b1f4f0e-3d52-5c5e-9a37-0c9a5be1d6f2", Kind: kind, Lang: "vi",
		Agency: Agency{ID: "CA-00070", Parent: "Công an thành phố Hà Nội", Name: "Công an phường Hoàn Kiếm"},
		Place:  "Hoàn Kiếm", IssuedAt: morning, Number: number, Title: title,
		Procedure: "Đăng ký thường trú", CaseCode: "H01.00070-261126-0042", Recipient: "Bà Nguyễn Thị Thu Hường",
		Signatory: Signatory{Role: "Trưởng Công an phường", Name: "Trung tá Lê Minh Tuấn"},
	}
}

// samples are the five papers as the first services issue them.
func samples() map[string]Paper {
	receipt := base(Receipt, "42/TN-CAX", "Phiếu tiếp nhận hồ sơ và hẹn trả kết quả (CT04)")
	receipt.Body = []string{"Công an phường Hoàn Kiếm đã tiếp nhận hồ sơ H01.00070-261126-0042 đăng ký thường trú của Bà Nguyễn Thị Thu Hường."}
	receipt.Facts = []Fact{
		{"Số định danh cá nhân", "001190012345"}, {"Hình thức nộp", "Trực tuyến, Cổng dịch vụ công"},
		{"Thời điểm nhận", "09 giờ 30 phút, ngày 26 tháng 11 năm 2026"}, {"Nhận kết quả", "Trên Cổng dịch vụ công và VNeID"},
		{"Điện thoại", ""},
	}
	receipt.Files = []File{
		{"Văn bản đồng ý của chủ hộ cho đăng ký thường trú", "Xác nhận điện tử"},
		{"Giấy tờ chứng minh quan hệ vợ chồng (bản chụp Giấy chứng nhận kết hôn)", "Bản điện tử, 2 trang"},
	}
	receipt.Provenance = []Source{
		{"Họ, chữ đệm và tên", "Nguyễn Thị Thu Hường", "CSDL quốc gia về dân cư, 26/11/2026 09:12"},
		{"Ngày sinh", "14/05/1990", "CSDL quốc gia về dân cư, 26/11/2026 09:12"},
		{"Nơi thường trú hiện nay", "Số 12 ngõ 58 phố Nguyễn Khánh Toàn, phường Nghĩa Đô, thành phố Hà Nội", "CSDL quốc gia về dân cư, 26/11/2026 09:12"},
		{"Giấy chứng nhận kết hôn", "Số 118/2016, Ủy ban nhân dân phường Nghĩa Đô", "CSDL hộ tịch điện tử, 26/11/2026 09:13"},
		{"Quyền sử dụng đất, sở hữu nhà", "CS 083112, 68,5 m²", "CSDL quốc gia về đất đai, 26/11/2026 09:13"},
	}
	receipt.Fee = &Fee{Amount: 10000, State: "đã nộp trực tuyến lúc 09:28 ngày 26/11/2026", Why: "Thông tư 75/2022/TT-BTC: nộp trực tuyến bằng một nửa mức nộp trực tiếp"}
	receipt.Due = &Due{On: "Trước 24 giờ 00, thứ Năm ngày 03/12/2026", Term: "05 ngày làm việc (Điều 22 Luật Cư trú 68/2020/QH14)",
		Why: []string{"Tính từ ngày làm việc kế tiếp sau ngày tiếp nhận 26/11/2026", "Không tính thứ Bảy 28/11 và Chủ nhật 29/11/2026"}}
	receipt.Signatory = Signatory{Role: "Người tiếp nhận hồ sơ", Name: "Nguyễn Thị Thu Hà"}

	supplement := base(Supplement, "17/HD-CAX", "Phiếu hướng dẫn bổ sung, hoàn thiện hồ sơ (CT05)")
	supplement.Body = []string{"Để Công an phường Hoàn Kiếm giải quyết được hồ sơ H01.00070-261126-0042, đề nghị Bà bổ sung một lần đầy đủ những nội dung dưới đây trong 30 ngày. Thời hạn giải quyết được tính lại từ khi nhận đủ hồ sơ hợp lệ."}
	supplement.Items = []Item{
		{"Xác nhận đồng ý của chủ sở hữu chỗ ở là ông Nguyễn Văn Khánh", "Giấy chứng nhận có hai chủ sở hữu, hồ sơ mới có xác nhận của bà Trần Thị Mỹ Hạnh.", "điểm a khoản 2 Điều 21 Luật Cư trú 68/2020/QH14"},
		{"Bản chụp giấy tờ chứng minh quan hệ vợ chồng", "Ảnh chụp trang 2 bị mờ, không đọc được nơi đăng ký và ngày đăng ký kết hôn.", "khoản 1 Điều 5 Nghị định 154/2024/NĐ-CP"},
	}
	supplement.Due = &Due{On: "Trước 24 giờ 00, thứ Bảy ngày 26/12/2026"}
	supplement.Closing = []string{"Ông/Bà có thể bổ sung ngay trên Cổng dịch vụ công tại trang của hồ sơ, không phải khai lại những nội dung đã đạt. Quá thời hạn trên mà chưa bổ sung, hồ sơ được đóng; Ông/Bà có thể nộp lại với dữ liệu đã khai."}

	refusal := base(Refusal, "5/TC-CAX", "Phiếu từ chối tiếp nhận, giải quyết hồ sơ (CT06)")
	refusal.Body = []string{"Công an phường Hoàn Kiếm không đăng ký thường trú theo hồ sơ H01.00070-261126-0042 của Bà Nguyễn Thị Thu Hường vì những lý do dưới đây."}
	refusal.Items = []Item{
		{"Chỗ ở đang có tranh chấp về quyền sở hữu mà chưa được giải quyết", "Tòa án nhân dân khu vực 1 – Hà Nội đang thụ lý vụ án số 88/2026/TLST-DS về quyền sở hữu căn nhà.", "khoản 4 Điều 23 Luật Cư trú 68/2020/QH14"},
		{"Diện tích nhà ở bình quân không đạt mức tối thiểu", "68,5 m² cho 10 người, bình quân 6,85 m² sàn/người; mức tối thiểu của thành phố là 15 m² sàn/người.", "điểm b khoản 3 Điều 20 Luật Cư trú 68/2020/QH14"},
	}
	refusal.Closing = []string{"Ông/Bà có quyền khiếu nại đến Trưởng Công an phường Hoàn Kiếm trong 90 ngày kể từ ngày nhận được phiếu này, hoặc khởi kiện vụ án hành chính tại Tòa án, theo Luật Khiếu nại 02/2011/QH13 và Luật Tố tụng hành chính 93/2015/QH13."}

	apology := base(Apology, "3/XL-CAX", "")
	apology.Body = []string{"Công an phường Hoàn Kiếm đã tiếp nhận và đang giải quyết hồ sơ H01.00070-261126-0042 của Bà. Đến nay hồ sơ chưa giải quyết xong đúng thời hạn đã hẹn. Công an phường Hoàn Kiếm chân thành xin lỗi Bà về sự chậm trễ này."}
	apology.Items = []Item{{Title: "Chờ trả lời của cơ quan quản lý đất đai", Reason: "Cơ sở dữ liệu đất đai ngừng phục vụ từ ngày 30/11 đến ngày 02/12/2026, nên chưa đối chiếu được quyền sở hữu chỗ ở."}}
	apology.Due = &Due{On: "Trước 24 giờ 00, thứ Ba ngày 08/12/2026", Was: "thứ Năm ngày 03/12/2026"}
	apology.Closing = []string{"Sự chậm trễ này không do lỗi của Bà. Bà không phải nộp thêm giấy tờ, phí hoặc lệ phí nào."}

	result := base(Result, "128/TB-CAX", "Thông báo kết quả giải quyết thủ tục về cư trú (CT08)")
	result.Body = []string{
		"Công an phường Hoàn Kiếm thông báo: Bà Nguyễn Thị Thu Hường, số định danh 001190012345, đã được đăng ký thường trú tại số 25 phố Lý Thường Kiệt, phường Hoàn Kiếm, thành phố Hà Nội.",
		"Thông tin đã được cập nhật vào cơ sở dữ liệu về cư trú và Cơ sở dữ liệu quốc gia về dân cư.",
	}
	result.Facts = []Fact{{"Chủ hộ", "Trần Quốc Việt"}, {"Quan hệ với chủ hộ", "Vợ"}, {"Ngày đăng ký", "26/11/2026"}}
	result.Validity = "Đến khi thay đổi hoặc xóa đăng ký (Điều 24 Luật Cư trú)."

	en := result
	en.Lang, en.Agency.Parent, en.Agency.Name, en.Place = "en", "Hanoi City Police", "Hoan Kiem Ward Police", "Hoan Kiem"
	en.Title, en.Procedure, en.Recipient = "Notice of the result in residence matters (CT08)", "Permanent residence", "Ms Nguyễn Thị Thu Hường"
	en.Body = []string{"Hoan Kiem Ward Police gives notice that Nguyễn Thị Thu Hường, personal number 001190012345, is permanently registered at 25 Lý Thường Kiệt Street, Hoàn Kiếm Ward, Hà Nội. The residence database and the national resident database have been updated."}
	en.Facts, en.Validity = nil, "Until changed or deleted (Residence Law, Art. 24)."
	en.Signatory = Signatory{Role: "Head of the Ward Police", Name: "Lt Col Lê Minh Tuấn"}
	return map[string]Paper{"receipt": receipt, "supplement": supplement, "refusal": refusal, "apology": apology, "result": result, "result-en": en}
}
