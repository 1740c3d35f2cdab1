package vietnamese

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

// A text is found by what people type for it, in any Unicode form.
func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"Đặng  Thị Ơn":              "dang thi on",
		" Nguyễn\u00a0Văn\tA ":      "nguyen van a",
		norm.NFD.String("Hoà Bình"): "hoa binh",
		"THÀNH PHỐ ĐÀ NẴNG":         "thanh pho da nang",
		"":                          "",
		"12/3 phố":                  "12/3 pho",
	} {
		if got := Fold(text); got != want {
			t.Errorf("Fold(%q) is %q, want %q", text, got, want)
		}
	}
	if got := FoldWords("TP. Hồ Chí Minh, 1.004222", "."); got != "tp. ho chi minh 1.004222" {
		t.Errorf("got %q", got)
	}
	if got := FoldWords(norm.NFD.String("Phường Hàng-Bông"), ""); got != "phuong hang bong" {
		t.Errorf("got %q", got)
	}
}

// Where the tone stands does not matter; which one it is does.
func TestSpell(t *testing.T) {
	if Spell("hoà") != Spell("hòa") || Spell(norm.NFD.String("Thuỷ")) != Spell("thủy") {
		t.Error("the same word in two spellings differs")
	}
	if Spell("Bông") == Spell("Bóng") || Spell("ma") == Spell("mà") {
		t.Error("two words are the same")
	}
}
