package document

// table is rows under a head that is repeated on each page.
type table struct {
	head    []string
	width   []float64 // mm
	rows    [][]string
	centred int // columns from the left that are centred
}

const cellPad = 1.2

// table sets the rows. A row goes to the next page whole, unless it is longer
// than a page.
func (s *sheet) table(t table) {
	h := height(tableSize)
	s.need(4*h + 4*cellPad)
	s.tableHead(t)
	for _, r := range t.rows {
		cells := s.cells(t, r, regular)
		for rows(cells) > 0 {
			n := rows(cells)
			if full := (s.room() - 2*cellPad) / h; float64(n) > full {
				// The row after a head on a fresh page has the most room there is.
				s.newPage()
				s.tableHead(t)
				n = min(n, int((s.room()-2*cellPad)/h))
			}
			cells = s.tableRow(t, cells, n)
		}
	}
	s.y += 1
}

func (s *sheet) tableHead(t table) {
	cells := s.cells(t, t.head, bold)
	n := rows(cells)
	s.pdf.SetFillColor(238, 238, 238)
	s.pdf.Rect(leftMargin, s.y, textWidth, float64(n)*height(tableSize)+2*cellPad, "F")
	s.tableRow(t, cells, n)
}

// tableRow draws the first n lines of each cell in a frame, and returns the rest.
func (s *sheet) tableRow(t table, cells [][]line, n int) [][]line {
	x, y, h := leftMargin, s.y, height(tableSize)
	high := float64(n)*h + 2*cellPad
	for i, c := range cells {
		a := left
		if i < t.centred {
			a = center
		}
		s.pdf.Rect(x, y, t.width[i], high, "D")
		s.y = y + cellPad
		for _, l := range c[:min(n, len(c))] {
			s.row(l, tableSize, x+cellPad, t.width[i]-2*cellPad, a)
		}
		cells[i] = c[min(n, len(c)):]
		x += t.width[i]
	}
	s.y = y + high
	return cells
}

func (s *sheet) cells(t table, texts []string, st style) [][]line {
	out := make([][]line, len(texts))
	for i, text := range texts {
		out[i] = s.lines([]run{{text, st}}, tableSize, t.width[i]-2*cellPad, 0)
	}
	return out
}

// rows is the number of lines of the highest cell.
func rows(cells [][]line) int {
	n := 0
	for _, c := range cells {
		n = max(n, len(c))
	}
	return n
}
