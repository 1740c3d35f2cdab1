package document

import (
	"fmt"
	"image"
	"image/color"

	"github.com/boombuler/barcode/qr"
)

// quiet is the white border that a reader needs, in modules (ISO/IEC 18004).
const quiet = 4

// code draws the QR code of the verification address as filled rectangles, a
// run of dark modules each, so that it stays sharp at any scale.
func (s *sheet) code(x, y, size float64) error {
	m, err := modules(s.verify)
	if err != nil {
		return err
	}
	unit := size / float64(len(m)+2*quiet)
	s.pdf.SetFillColor(0, 0, 0)
	for row, line := range m {
		for from := 0; from < len(line); from++ {
			to := from
			for to < len(line) && line[to] {
				to++
			}
			if to > from {
				// A hair more in height hides the seams that viewers draw between rows.
				s.pdf.Rect(x+float64(quiet+from)*unit, y+float64(quiet+row)*unit, float64(to-from)*unit, unit*1.02, "F")
				from = to
			}
		}
	}
	return nil
}

// modules is the QR code of a text, true where it is dark. A seventh of it may
// be damaged (level M).
func modules(text string) ([][]bool, error) {
	c, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("QR code of %q: %w", text, err)
	}
	return dark(c), nil
}

func dark(m image.Image) [][]bool {
	b := m.Bounds()
	out := make([][]bool, b.Dy())
	for y := range out {
		out[y] = make([]bool, b.Dx())
		for x := range out[y] {
			out[y][x] = color.GrayModel.Convert(m.At(b.Min.X+x, b.Min.Y+y)).(color.Gray).Y < 128
		}
	}
	return out
}
