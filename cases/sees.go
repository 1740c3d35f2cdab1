package cases

import (
	"github.com/jackc/pgx/v5"

	"github.com/hoso-gov/hoso/agency"
)

// seesSQL is maySee as a condition on the row c of cases. It takes @citizen and
// @agencies as seesArgs gives them. A test holds the two against each other.
const seesSQL = `(c.applicant = @citizen OR c.subject = @citizen
	OR c.competent = ANY (@agencies::text[]) OR c.receiving = ANY (@agencies::text[]))`

// seesArgs are the arguments of seesSQL, ready for those of the statement.
func seesArgs(a agency.Actor) pgx.NamedArgs {
	args := pgx.NamedArgs{"citizen": "", "agencies": agencyTexts(a.Agencies())}
	if a.Kind == agency.Citizen {
		args["citizen"] = a.ID
	}
	return args
}

func agencyTexts(ids []agency.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}
