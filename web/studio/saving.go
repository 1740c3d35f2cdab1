package studio

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/web/site"
	"github.com/hoso-gov/hoso/web/ui"
)

// scenariosFile is the file of a folder that holds its scenarios.
const scenariosFile = "scenarios.yaml"

// storyView is a walked preview as a scenario.
type storyView struct {
	Name     string
	YAML     string
	Why      string // why there is nothing to save yet
	Place    string // the file that it is written into; empty: it is only shown
	Checked  string // what playing it has shown
	Problems []ui.Problem
	Fields   []ui.Field
	Form     ui.FormView
	Back     string
	Saved    bool
}

var kebab = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// showStory shows the walk as it would stand in scenarios.yaml.
func (t *studio) showStory(w http.ResponseWriter, r *http.Request, k *walk) error {
	return t.drawStory(w, r, k, http.StatusOK, nil, false)
}

func (t *studio) drawStory(w http.ResponseWriter, r *http.Request, k *walk, status int, wrong []string, saved bool) error {
	ctx, lang := r.Context(), site.Lang(r)
	f := t.frame(r, ui.T(lang, "Tình huống thử từ lần xem thử", "The preview as a scenario"), t.back(k, applicantHat))
	f.Path, f.Error = t.walkLink(k, "tinh-huong", nil), len(wrong) > 0
	id, vi, en := or(r.PostFormValue("id"), "preview-"+strings.ToLower(k.id[:6])), r.PostFormValue("vi"), r.PostFormValue("en")
	v := storyView{Name: k.procedure.Name.In(lang), Back: t.back(k, applicantHat), Form: ui.FormView{CSRF: f.CSRF, Action: f.Path}, Saved: saved}
	if !k.filed() && !k.refused {
		v.Why = ui.T(lang, "Chưa có gì để lưu: hãy nộp hồ sơ trước. Một lần nộp bị từ chối cũng lưu được.", "There is nothing to save yet: file the case first. A filing that was refused can be saved too.")
		return t.Render(w, r, status, storyPage(f, v))
	}
	text, err := k.written(ctx, id, or(vi, "Lưu từ lần xem thử"), or(en, "Saved from a preview"))
	if err != nil {
		return err
	}
	v.YAML = text
	if place, ok := t.place(k.procedure.ID); ok {
		v.Place = place
	}
	v.Fields = []ui.Field{
		{Lang: lang, Name: "id", Label: ui.T(lang, "Tên của tình huống", "Name of the scenario"), Value: id, NoSpell: true, Hint: ui.T(lang, "Chữ thường không dấu, nối bằng gạch ngang.", "Lower case, joined by dashes.")},
		{Lang: lang, Name: "vi", Label: ui.T(lang, "Tiêu đề tiếng Việt", "Title in Vietnamese"), Value: vi},
		{Lang: lang, Name: "en", Label: ui.T(lang, "Tiêu đề tiếng Anh", "Title in English"), Value: en}}
	if r.Method == http.MethodPost && !saved {
		if !kebab.MatchString(id) {
			v.Fields[0].Error = ui.T(lang, "Viết tên bằng chữ thường không dấu, nối bằng gạch ngang, ví dụ vo-ve-nha-chong", "Write the name in lower case, joined by dashes, as wife-joins-husband")
		}
		if strings.TrimSpace(vi) == "" {
			v.Fields[1].Error = ui.T(lang, "Nhập tiêu đề tiếng Việt", "Enter the title in Vietnamese")
		}
		if strings.TrimSpace(en) == "" {
			v.Fields[2].Error = ui.T(lang, "Nhập tiêu đề tiếng Anh", "Enter the title in English")
		}
	}
	v.Problems = ui.Problems(v.Fields)
	for _, text := range wrong {
		v.Problems = append(v.Problems, ui.Problem{Text: text})
	}
	return t.Render(w, r, status, storyPage(f, v))
}

// written is the story with its end, as it stands now.
func (k *walk) written(ctx context.Context, id, vi, en string) (string, error) {
	s := k.story
	s.Steps = append([]pairs{}, k.story.Steps...)
	s.Ends = pairs{}
	if k.filed() {
		c, err := k.stage.Case(ctx, k.id0)
		if err != nil {
			return "", err
		}
		documents, err := k.stage.Documents(ctx, k.id0)
		if err != nil {
			return "", err
		}
		notices, err := k.stage.Notices(ctx, k.id0)
		if err != nil {
			return "", err
		}
		s.Ends = s.Ends.with("outcome", string(c.Outcome)).with("state", string(c.State)).with("documents", unique(documents)).with("notices", unique(notices))
	}
	return s.yaml(id, vi, en), nil
}

// unique keeps the first of each, in their order; never nil.
func unique(list []string) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// place is the file on disk of a procedure's scenarios; false: the studio does
// not write, or the procedure is not in the folder that it writes to.
func (t *studio) place(id procedures.ID) (string, bool) {
	if t.cfg.Folder == "" {
		return "", false
	}
	dir := filepath.Join(t.cfg.Folder, string(id))
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", false
	}
	return filepath.Join(dir, scenariosFile), true
}

// saveStory appends the scenario to the folder's file, once it is known to load
// and to come true.
func (t *studio) saveStory(w http.ResponseWriter, r *http.Request, k *walk) error {
	lang := site.Lang(r)
	place, ok := t.place(k.procedure.ID)
	if !ok || !k.filed() && !k.refused {
		return errNotFound
	}
	id, vi, en := r.PostFormValue("id"), strings.TrimSpace(r.PostFormValue("vi")), strings.TrimSpace(r.PostFormValue("en"))
	if !kebab.MatchString(id) || vi == "" || en == "" {
		return t.drawStory(w, r, k, http.StatusUnprocessableEntity, nil, false)
	}
	text, err := k.written(r.Context(), id, vi, en)
	if err != nil {
		return err
	}
	before, err := os.ReadFile(place)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	after := appended(before, text)
	wrong, err := t.proves(r.Context(), k.procedure.ID, after, id, lang)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return t.drawStory(w, r, k, http.StatusUnprocessableEntity, wrong, false)
	}
	if err := replace(place, after); err != nil {
		return err
	}
	return t.drawStory(w, r, k, http.StatusOK, nil, true)
}

// appended is a file with one more entry. What stands in it is not touched.
func appended(before []byte, entry string) []byte {
	out := before
	if n := len(out); n > 0 && out[n-1] != '\n' {
		out = append(out[:n:n], '\n')
	}
	return append(out[:len(out):len(out)], entry...)
}

// replace writes a file whole or not at all.
func replace(name string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// proves loads the folder with another scenarios file and plays the one that is
// new. It returns what stands against it.
func (t *studio) proves(ctx context.Context, id procedures.ID, content []byte, story, lang string) ([]string, error) {
	shelf, err := t.library.now()
	if err != nil {
		return nil, err
	}
	name := path.Join(string(id), scenariosFile)
	draft, err := os.MkdirTemp("", "hoso-scenario-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(draft)
	if err := errors.Join(os.Mkdir(filepath.Join(draft, string(id)), 0o755), os.WriteFile(filepath.Join(draft, string(id), scenariosFile), content, 0o600)); err != nil {
		return nil, err
	}
	catalogue, findings := procedures.Load(over{t.cfg.Tree, os.DirFS(draft), name})
	var wrong []string
	for _, f := range findings {
		if f.File == name && !f.Warning {
			wrong = append(wrong, f.String())
		}
	}
	p, ok := catalogue.Get(id)
	if len(wrong) > 0 || !ok {
		return wrong, nil
	}
	one := scenarioOf(p, story)
	if one == nil {
		return []string{ui.T(lang, "Không đọc lại được tình huống này trong tệp.", "The scenario could not be read again from the file.")}, nil
	}
	db, err := t.previews.take(ctx, "")
	if errors.Is(err, errFull) {
		return []string{ui.T(lang, "Mọi chỗ xem thử đều đang được dùng, nên chưa chạy lại được tình huống. Thử lại sau ít phút.", "All previews are taken, so the scenario could not be played. Try again in some minutes.")}, nil
	}
	if err != nil {
		return nil, err
	}
	defer t.previews.give(db)
	sound := shelf.catalogue.Sound(shelf.all)
	set, err := db.Set(ctx, sound, one.At)
	if err != nil {
		return nil, err
	}
	running, ok := sound.Get(id)
	if !ok {
		return nil, errNotFound
	}
	differs, err := set.Play(ctx, running, one)
	if err != nil {
		wrong = append(wrong, ui.T(lang, "Khi chạy lại: ", "Played again: ")+err.Error())
	}
	for _, d := range differs {
		wrong = append(wrong, ui.T(lang, "Khi chạy lại: ", "Played again: ")+d.String())
	}
	return wrong, nil
}

// over is a tree in which one file is taken from elsewhere.
type over struct {
	fs.FS
	from fs.FS
	name string
}

// Open implements fs.FS.
func (o over) Open(name string) (fs.File, error) {
	if name == o.name {
		return o.from.Open(name)
	}
	return o.FS.Open(name)
}

// ReadDir implements fs.ReadDirFS.
func (o over) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(o.FS, name) }
