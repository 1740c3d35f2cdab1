package sandbox

import (
	_ "embed"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/hoso-gov/hoso/sandbox/drill"
	"github.com/hoso-gov/hoso/sandbox/idp"
	"github.com/hoso-gov/hoso/sandbox/page"
)

//go:embed board.html
var boardHTML string

var boardPage = page.Parse(boardHTML)

type boardView struct {
	Parts      []drill.Part
	Registries []registryView
	Addresses  Addresses
}

type registryView struct {
	Name       string
	Kinds      []string
	Operations []string
	Entries    int
}

func (s *Sandbox) showBoard(w http.ResponseWriter, r *http.Request) {
	v := boardView{Parts: s.named(), Addresses: s.addr}
	for _, name := range s.World.Registries() {
		v.Registries = append(v.Registries, registryView{name, s.World.Kinds(name), s.World.Operations(name), len(s.World.Book(name))})
	}
	page.Write(w, r, http.StatusOK, boardPage, [2]string{"Bảng điều khiển sandbox", "Board of the sandbox"}, v)
}

// changeBoard takes the form of one part.
func (s *Sandbox) changeBoard(w http.ResponseWriter, r *http.Request) {
	on := func(name string) bool { return r.PostFormValue(name) != "" }
	slow, err1 := strconv.Atoi(or(r.PostFormValue("slow"), "0"))
	times, err2 := strconv.Atoi(or(r.PostFormValue("times"), "0"))
	err := errors.Join(err1, err2)
	if err == nil {
		err = s.Board.Set(r.PostFormValue("part"), drill.Switch{Slow: slow, Times: times, Down: on("down"), Wrong: on("wrong"), Repeat: on("repeat"), DoneButError: on("doneButError")})
	}
	if err != nil {
		page.Sorry(w, r, http.StatusUnprocessableEntity, "Giá trị không hợp lệ: chậm từ 0 đến 120000 mili giây, số lần từ 0.", "Not valid: slow is 0 to 120000 milliseconds, times 0 or more.")
		return
	}
	http.Redirect(w, r, "/#"+r.PostFormValue("part"), http.StatusSeeOther)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// changeSwitch takes {"part": "fines", "down": true, …}; a part without
// anything on behaves again, and {"part": "*"} lets all behave.
func (s *Sandbox) changeSwitch(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Part string `json:"part"`
		drill.Switch
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<14))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if in.Part == "*" {
		s.Board.Clear()
	} else if err := s.Board.Set(in.Part, in.Switch); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	writeJSON(w, s.named())
}

// reset lets the demo begin anew: registries, orders, mail and switches.
func (s *Sandbox) reset(w http.ResponseWriter, r *http.Request) {
	day, err := time.Parse(time.DateOnly, s.today())
	if err == nil {
		err = errors.Join(s.World.Reset(day), s.pay.Reset(), s.box.Reset())
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	s.Board.Clear()
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// tokenGrant is the grant type of POST /token.
const tokenGrant = "urn:hoso:sandbox"

// token gives an API token for a subject without any sign-in.
func (s *Sandbox) token(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != tokenGrant {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "unsupported_grant_type", "error_description": "grant_type is " + tokenGrant})
		return
	}
	token, err := s.idp.Token(r.PostFormValue("subject"), r.PostFormValue("level"))
	if errors.Is(err, idp.ErrNobody) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": err.Error()})
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	writeJSON(w, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(idp.TokenLife.Seconds())})
}
