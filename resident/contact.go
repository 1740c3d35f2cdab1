package resident

import (
	"context"
	"net/mail"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// contactValues are the values of a set-contact. An empty one stays as it is.
type contactValues struct {
	Person string `json:"person"`
	Phone  string `json:"phone"` // 10 or 11 digits, the first 0, or +84
	Email  string `json:"email"`
}

// PhonePattern is a number of today's plan: mobile ones have ten digits, those of
// a line eleven. It is read by Go and by PostgreSQL.
//
// Source: Circular 22/2014/TT-BTTTT, on the plan of numbers.
const PhonePattern = `^0([35789][0-9]{8}|2[0-9]{9})$`

var phonePattern = regexp.MustCompile(PhonePattern)

// PhoneValid tells whether a number can be called: as [NormalPhone] writes it.
func PhoneValid(phone string) bool { return phonePattern.MatchString(phone) }

// NormalPhone is a number in one spelling: digits only, with 0 for +84.
func NormalPhone(phone string) string {
	digits := strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "").Replace(phone)
	if rest, ok := strings.CutPrefix(digits, "+84"); ok {
		return "0" + rest
	}
	return digits
}

// emailValid tells whether an address is one, without a name beside it.
func emailValid(email string) bool {
	a, err := mail.ParseAddress(email)
	return err == nil && a.Address == email
}

// setContact writes how a person wants to be reached: their own statement.
func (a *applier) setContact(ctx context.Context, v contactValues) (map[string]any, error) {
	l, err := lock(ctx, a.tx, []string{v.Person})
	if err != nil {
		return nil, err
	}
	if err := l.living([]string{v.Person}); err != nil {
		return nil, err
	}
	phone, email := NormalPhone(v.Phone), strings.TrimSpace(v.Email)
	switch {
	case phone == "" && email == "":
		return nil, refuse("no-contact", "Chưa nêu số điện thoại hoặc thư điện tử", "neither phone nor e-mail is given")
	case phone != "" && !PhoneValid(phone):
		return nil, refuse("phone-invalid", "%s không phải là số điện thoại", "%s is no phone number", v.Phone)
	case email != "" && !emailValid(email):
		return nil, refuse("email-invalid", "%s không phải là địa chỉ thư điện tử", "%s is no e-mail address", v.Email)
	}
	out := map[string]any{}
	for name, value := range map[string]string{"phone": phone, "email": email} {
		if value != "" {
			out[name] = value
		}
	}
	return out, a.pictured(ctx, []string{v.Person}, func() error {
		_, err := a.tx.Exec(ctx, `
			UPDATE residents
			SET phone = coalesce(nullif(@phone, ''), phone), email = coalesce(nullif(@email, ''), email)
			WHERE number = @number`, pgx.StrictNamedArgs{"number": v.Person, "phone": phone, "email": email})
		return err
	})
}
