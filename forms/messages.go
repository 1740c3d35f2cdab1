package forms

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hoso-gov/hoso/workflow"
)

// say makes a problem of one question. In both texts {t} is its title as it
// reads within a sentence.
func (f *Field) say(rule, vi, en string) *Problem {
	at := f.Pointer
	return &Problem{At: at, Rule: rule,
		VI: upper(strings.ReplaceAll(vi, "{t}", named(f.Title.VI, "câu trả lời cho"))), EN: upper(strings.ReplaceAll(en, "{t}", named(f.Title.In("en"), "the answer to")))}
}

// missing says that an answer is needed.
func (f *Field) missing(w Widget) *Problem {
	if strings.HasSuffix(f.Title.VI, "?") {
		return f.say("required", "Trả lời câu hỏi “"+f.Title.VI+"”", "Answer “"+f.Title.In("en")+"”")
	}
	switch w {
	case RadiosWidget, SelectWidget, ChecksWidget, YesNoWidget:
		return f.say("required", "Chọn {t}", "Choose {t}")
	}
	return f.say("required", "Nhập {t}", "Enter {t}")
}

// again says that the answer reads otherwise than the question wants; the hint
// of the question tells how.
func (f *Field) again(rule string) *Problem {
	vi, en := "Nhập lại {t}", "Enter {t} again"
	if f.Description.VI != "" {
		vi, en = vi+": "+within(f.Description.VI), en+": "+within(f.Description.In("en"))
	}
	return f.say(rule, vi, en)
}

func (f *Field) between(lowVI, lowEN, highVI, highEN string) *Problem {
	switch {
	case f.Minimum != nil && f.Maximum != nil:
		low, high := printNumber(*f.Minimum), printNumber(*f.Maximum)
		return f.say("range", "Nhập {t} từ "+low+" đến "+high, "Enter {t} between "+low+" and "+high)
	case f.Minimum != nil:
		return f.say("range", "Nhập {t} "+lowVI+" "+printNumber(*f.Minimum), "Enter {t} "+lowEN+" "+printNumber(*f.Minimum))
	}
	return f.say("range", "Nhập {t} "+highVI+" "+printNumber(*f.Maximum), "Enter {t} "+highEN+" "+printNumber(*f.Maximum))
}

func printNumber(n float64) string {
	if n == float64(int64(n)) {
		return groupThousands(strconv.FormatInt(int64(n), 10))
	}
	return strings.Replace(strconv.FormatFloat(n, 'f', -1, 64), ".", ",", 1)
}

// named is a title as the object of a sentence; a question is quoted.
func named(title, answerTo string) string {
	if strings.HasSuffix(title, "?") {
		return answerTo + " “" + title + "”"
	}
	return within(title)
}

// within writes a title as it reads inside a sentence: its first letter small,
// unless the word is an abbreviation.
func within(title string) string {
	r, n := utf8.DecodeRuneInString(title)
	second, _ := utf8.DecodeRuneInString(title[n:])
	if n == 0 || unicode.IsUpper(second) || unicode.IsDigit(second) {
		return title
	}
	return string(unicode.ToLower(r)) + title[n:]
}

func upper(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

var (
	unverifiable = workflow.Text{VI: "Chưa kiểm tra được câu trả lời này, xin thử lại sau ít phút", EN: "This answer cannot be checked at the moment, please try again in a few minutes"}
	keepLocked   = workflow.Text{VI: "Giữ {t} như cơ sở dữ liệu đã ghi, hoặc chọn “Chưa đúng?” để báo giá trị đúng", EN: "Keep {t} as the register has it, or choose “Not right?” to state the right value"}
)
