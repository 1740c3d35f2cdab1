package cases

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
)

// Evidence is the attachment under which a citizen proves that a registry's
// value is wrong. No definition declares it.
const Evidence = "evidence"

// Upload is a paper that is handed in.
type Upload struct {
	Attachment string
	Name       string
	Content    []byte
}

// filesOfOwner bounds how many papers a draft or case may hold.
const filesOfOwner = 60

// formats are the types that a paper may have, by the first bytes of its content.
var formats = map[string]string{"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}

// checkUpload makes a File of an upload, or says what is wrong with it. The
// type is told from the content: a name proves nothing.
func checkUpload(p *procedures.Procedure, u Upload, at time.Time) (File, error) {
	kind := http.DetectContentType(u.Content)
	sum := sha256.Sum256(u.Content)
	f := File{ID: uuid.Must(uuid.NewV7()), Attachment: u.Attachment, Name: fileName(u.Name), Type: kind, Size: len(u.Content), SHA256: hex.EncodeToString(sum[:]), UploadedAt: at}
	refuse := func(rule, vi, en string) (File, error) {
		return f, &InvalidError{Problems: []forms.Problem{{At: forms.Pointer("/attachments/" + u.Attachment), Rule: rule, VI: vi, EN: en}}}
	}
	allowed, most := []string{"pdf", "jpg", "png"}, 10
	if u.Attachment != Evidence {
		i := slices.IndexFunc(p.Attachments, func(a *procedures.Attachment) bool { return a.ID == u.Attachment })
		if i < 0 {
			return refuse("enum", "Thủ tục này không cần giấy tờ đó", "This procedure does not need that paper")
		}
		a := p.Attachments[i]
		if len(a.Formats) > 0 {
			allowed = a.Formats
		}
		if a.MaxMB > 0 {
			most = a.MaxMB
		}
	}
	switch ext := formats[kind]; {
	case len(u.Content) == 0:
		return refuse("required", "Chọn tệp: tệp vừa gửi không có nội dung", "Choose a file: the one sent is empty")
	case len(u.Content) > most<<20:
		return refuse("max-size", fmt.Sprintf("Chọn tệp không quá %d MB; tệp này có %.1f MB", most, float64(len(u.Content))/(1<<20)),
			fmt.Sprintf("Choose a file of at most %d MB; this one has %.1f MB", most, float64(len(u.Content))/(1<<20)))
	case ext == "" || !slices.Contains(allowed, ext):
		names := strings.ToUpper(strings.Join(allowed, ", "))
		return refuse("format", "Chọn tệp dạng "+names+"; tệp này không phải", "Choose a file of type "+names+"; this one is not")
	case ext == "pdf" && !bytes.Contains(u.Content[max(0, len(u.Content)-2048):], []byte("%%EOF")):
		return refuse("format", "Chọn lại tệp: tệp PDF này chưa đầy đủ", "Choose the file again: this PDF is incomplete")
	}
	return f, nil
}

// unreadable are control characters, and those that nobody sees: they break lines
// or turn the direction of writing, so that one name looks like another.
var unreadable = []*unicode.RangeTable{unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp}

// fileName is the last part of a name as a browser sends it, without what could
// break a header or a page.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.In(r, unreadable...) || strings.ContainsRune(`"<>|:*?/`, r) {
			return '-'
		}
		return r
	}, name)
	for utf8.RuneCountInString(name) > 120 {
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:]
	}
	if name == "" || name == "." || name == "-" {
		return "tep"
	}
	return name
}

// insertFile stores a paper of a draft or case; false when the owner holds too many.
func (s *Service) insertFile(ctx context.Context, owner uuid.UUID, by string, f File, content []byte) (bool, error) {
	tag, err := s.cfg.DB.Exec(ctx, `
		INSERT INTO case_files (id, owner_id, attachment, name, type, size, sha256, content, uploaded_by, uploaded_at)
		SELECT @id, @owner, @attachment, @name, @type, @size, @sha256, @content, @by, @at
		WHERE (SELECT count(*) FROM case_files WHERE owner_id = @owner AND replaced_at IS NULL) < @most`, pgx.StrictNamedArgs{
		"id": f.ID, "owner": owner, "attachment": f.Attachment, "name": f.Name, "type": f.Type, "size": f.Size, "sha256": f.SHA256, "content": content,
		"by": by, "at": f.UploadedAt, "most": filesOfOwner})
	return tag.RowsAffected() == 1, err
}

func tooManyFiles(attachment string) error {
	return &InvalidError{Problems: []forms.Problem{{At: forms.Pointer("/attachments/" + attachment), Rule: "max-items",
		VI: fmt.Sprintf("Bỏ bớt tệp: một hồ sơ có nhiều nhất %d tệp", filesOfOwner), EN: fmt.Sprintf("Remove a file: a case holds at most %d", filesOfOwner)}}}
}

// AddFile stores a paper of a draft. Errors: ErrNotFound, *InvalidError.
func (s *Service) AddFile(ctx context.Context, a agency.Actor, draft uuid.UUID, attachment, name string, content []byte) (File, error) {
	d, err := s.openDraft(ctx, a, draft)
	if err != nil {
		return File{}, err
	}
	f, err := checkUpload(d.Procedure, Upload{attachment, name, content}, s.now())
	if err != nil {
		return f, err
	}
	ok, err := s.insertFile(ctx, draft, a.ID, f, content)
	if err == nil && !ok {
		err = tooManyFiles(attachment)
	}
	if err != nil {
		return f, fmt.Errorf("add a file to draft %s: %w", draft, err)
	}
	return f, nil
}

// RemoveFile takes a paper out of a draft. Done again it changes nothing.
func (s *Service) RemoveFile(ctx context.Context, a agency.Actor, draft, file uuid.UUID) error {
	if _, err := s.openDraft(ctx, a, draft); err != nil {
		return err
	}
	if _, err := s.cfg.DB.Exec(ctx, `DELETE FROM case_files WHERE id = $1 AND owner_id = $2`, file, draft); err != nil {
		return fmt.Errorf("remove a file of draft %s: %w", draft, err)
	}
	return nil
}
