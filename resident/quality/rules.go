package quality

import "github.com/hoso-gov/hoso/resident"

// records are the rules of single records.
var records = []Rule{
	{ID: "home-place-missing", Aspect: Complete, VI: "Thiếu quê quán", EN: "The home place is missing", Mends: []string{resident.CorrectPerson},
		sql: `SELECT number FROM residents WHERE alive AND coalesce(home_place ->> 'commune', '') = ''`},
	{ID: "birth-place-missing", Aspect: Complete, VI: "Thiếu nơi sinh", EN: "The place of birth is missing", Mends: []string{resident.CorrectPerson},
		sql: `SELECT number FROM residents WHERE alive AND coalesce(birth_place ->> 'commune', '') = ''`},
	{ID: "ethnicity-missing", Aspect: Complete, VI: "Thiếu dân tộc hoặc quốc tịch", EN: "Ethnic group or nationality is missing", Mends: []string{resident.CorrectPerson},
		sql: `SELECT number FROM residents WHERE alive AND (trim(ethnicity) IN ('', '-', '?') OR trim(nationality) IN ('', '-', '?'))`},
	{ID: "address-missing", Aspect: Complete, VI: "Chưa có nơi thường trú", EN: "There is no permanent address", Mends: []string{resident.MovePermanent},
		sql: `SELECT number FROM residents r WHERE alive AND birth_date < @today::date - 60
			AND NOT EXISTS (SELECT FROM residences a WHERE a.resident = r.number AND a.kind = 'permanent' AND upper_inf(a.valid))`}, // 60 days: Law on Residence, Art. 22(1)
	{ID: "parents-missing", Aspect: Complete, VI: "Trẻ em dưới 14 tuổi chưa có thông tin cha và mẹ", EN: "A child under 14 has neither father nor mother", Mends: []string{resident.SetParents},
		sql: `SELECT number FROM residents WHERE alive AND birth_date > @today::date - interval '14 years' AND father_number IS NULL AND mother_number IS NULL`},
	{ID: "relation-missing", Aspect: Complete, VI: "Chưa rõ quan hệ với chủ hộ", EN: "The relation to the household head is not known", Mends: []string{resident.NameHead},
		sql: `SELECT resident FROM household_members WHERE upper_inf(valid) AND relation IS NULL`},
	{ID: "card-missing", Aspect: Complete, VI: "Đủ 14 tuổi mà chưa có thẻ căn cước", EN: "Aged 14 or more without an identity card", Mends: []string{resident.IssueCard},
		sql: `SELECT number FROM residents r WHERE alive AND birth_date <= @today::date - interval '14 years'
			AND NOT EXISTS (SELECT FROM identity_documents d WHERE d.resident = r.number AND d.kind = 'identity-card' AND d.revoked_on IS NULL)`},
	{ID: "contact-missing", Aspect: Complete, VI: "Người thành niên không có số điện thoại và thư điện tử", EN: "An adult has neither phone nor e-mail", Mends: []string{resident.SetContact},
		sql: `SELECT number FROM residents WHERE alive AND birth_date <= @today::date - interval '18 years' AND phone IS NULL AND email IS NULL`},
	{ID: "death-day-missing", Aspect: Complete, VI: "Đã chết nhưng không rõ ngày chết", EN: "Dead on a day that is not recorded",
		sql: `SELECT number FROM residents WHERE NOT alive AND died_on IS NULL`},

	{ID: "phone-invalid", Aspect: Clean, VI: "Số điện thoại không hợp lệ", EN: "The phone number is invalid", Mends: []string{resident.SetContact},
		sql: `SELECT number FROM residents WHERE alive AND phone IS NOT NULL AND phone !~ '` + resident.PhonePattern + `'`},
	{ID: "phone-shared", Aspect: Clean, VI: "Số điện thoại của từ bốn người thành niên trở lên", EN: "The phone number is that of four adults or more", Mends: []string{resident.SetContact},
		sql: `SELECT number FROM (
			SELECT number, count(*) OVER (PARTITION BY phone) AS n FROM residents
			WHERE alive AND phone IS NOT NULL AND birth_date <= @today::date - interval '18 years') p WHERE n >= 4`},
	{ID: "email-invalid", Aspect: Clean, VI: "Địa chỉ thư điện tử không hợp lệ", EN: "The e-mail address is invalid", Mends: []string{resident.SetContact},
		sql: `SELECT number FROM residents WHERE alive AND email IS NOT NULL AND email !~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:].]+$'`},
	{ID: "name-odd", Aspect: Clean, VI: "Họ tên có chữ số, ký tự lạ hoặc khoảng trắng thừa", EN: "The name holds digits, odd signs or needless spaces", Mends: []string{resident.CorrectPerson},
		sql: `SELECT number FROM residents WHERE full_name ~ '[0-9_@#$%^&*+=<>/\\|{}]' OR full_name ~ '  |^ | $' OR full_name IS NOT NFC NORMALIZED`},
	{ID: "twice", Aspect: Clean, VI: "Hai người trùng họ tên, ngày sinh, cha và mẹ", EN: "Two people have the same name, birth date and parents",
		sql: `SELECT number FROM (
			SELECT number, count(*) OVER (PARTITION BY full_name, birth_date, sex, father_number, mother_number) AS n FROM residents
			WHERE alive AND (father_number IS NOT NULL OR mother_number IS NOT NULL)) p WHERE n > 1`},

	{ID: "address-dissolved", Aspect: Correct, VI: "Địa chỉ thuộc đơn vị hành chính không còn hoặc không có", EN: "The address is in a unit that was dissolved, or that there is not", Mends: []string{resident.MovePermanent, resident.RegisterTemporary},
		sql: `SELECT a.resident FROM residences a
			WHERE NOT isempty(a.valid) AND (upper_inf(a.valid) OR upper(a.valid) > @today::date)
				AND NOT EXISTS (SELECT FROM units u WHERE u.code = a.commune AND u.province_code = a.province AND u.valid_from <= @today::date AND (u.valid_to IS NULL OR u.valid_to > @today::date))`},
	{ID: "spouse-not-married", Aspect: Correct, VI: "Ghi là vợ hoặc chồng của chủ hộ nhưng không phải theo hôn nhân", EN: "Recorded as spouse of the head, and not married to them", Mends: []string{resident.RegisterMarriage, resident.NameHead},
		sql: `SELECT m.resident FROM household_members m
			JOIN households h ON h.id = m.household
			JOIN residents r ON r.number = m.resident
			WHERE upper_inf(m.valid) AND m.relation IN ('husband', 'wife') AND r.spouse_number IS DISTINCT FROM h.head`},
	{ID: "minor-heads", Aspect: Correct, VI: "Chủ hộ chưa thành niên trong khi hộ có người thành niên", EN: "A minor heads a household in which an adult lives", Mends: []string{resident.NameHead},
		sql: `SELECT h.head FROM households h JOIN residents r ON r.number = h.head
			WHERE h.closed_at IS NULL AND r.birth_date > @today::date - interval '18 years'
				AND EXISTS (SELECT FROM household_members m JOIN residents o ON o.number = m.resident
					WHERE m.household = h.id AND upper_inf(m.valid) AND o.alive AND o.birth_date <= @today::date - interval '18 years')`},

	{ID: "card-expired", Aspect: Live, VI: "Thẻ căn cước đã hết hạn", EN: "The identity card has expired", Mends: []string{resident.IssueCard},
		sql: `SELECT d.resident FROM identity_documents d JOIN residents r ON r.number = d.resident
			WHERE r.alive AND d.kind = 'identity-card' AND d.revoked_on IS NULL AND d.expires_on <= @today::date`},
	{ID: "temporary-expired", Aspect: Live, VI: "Tạm trú đã hết hạn mà nơi ở hiện tại vẫn ở đó", EN: "A temporary registration has run out, and the present address is still there",
		Mends: []string{resident.RegisterTemporary, resident.EndTemporary, resident.MovePermanent},
		sql: `SELECT p.resident FROM residences p
			WHERE p.kind = 'present' AND upper_inf(p.valid)
				AND EXISTS (SELECT FROM residences t WHERE t.resident = p.resident AND t.kind = 'temporary' AND t.address_key = p.address_key AND upper(t.valid) <= @today::date)
				AND NOT EXISTS (SELECT FROM residences t WHERE t.resident = p.resident AND t.kind IN ('temporary', 'permanent') AND t.address_key = p.address_key
					AND NOT isempty(t.valid) AND (upper_inf(t.valid) OR upper(t.valid) > @today::date))`},
	{ID: "absent-long", Aspect: Live, VI: "Tạm vắng quá 12 tháng", EN: "Absent for more than 12 months", Mends: []string{resident.ClosePermanent, resident.RegisterTemporary}, // Law on Residence, Art. 24(1)(d)
		sql: `SELECT resident FROM absences WHERE NOT isempty(valid) AND lower(valid) < @today::date - interval '12 months' AND (upper_inf(valid) OR upper(valid) > @today::date)`},
	{ID: "very-old", Aspect: Live, VI: "Ghi là còn sống khi trên 110 tuổi", EN: "Recorded as alive at more than 110 years", Mends: []string{resident.RegisterDeath},
		sql: `SELECT number FROM residents WHERE alive AND birth_date < @today::date - interval '110 years'`},
	{ID: "dead-registered", Aspect: Live, VI: "Đã chết nhưng còn đăng ký cư trú hoặc còn trong hộ", EN: "Dead, and still registered or in a household", Mends: []string{resident.ClosePermanent, resident.RegisterDeath},
		sql: `SELECT number FROM residents r WHERE NOT alive AND (
			EXISTS (SELECT FROM residences a WHERE a.resident = r.number AND upper_inf(a.valid)) OR EXISTS (SELECT FROM household_members m WHERE m.resident = r.number AND upper_inf(m.valid)))`},
}

// mends are the types of change that mend a broken invariant, by its rule; of the
// others a person has to look at the records.
var mends = map[string][]string{
	"living-head": {resident.NameHead}, "lives-with-household": {resident.MovePermanent}, "dead-at-rest": {resident.ClosePermanent},
	"parents-older": {resident.SetParents, resident.CorrectPerson}, "parents-alive": {resident.SetParents}, "own-ancestor": {resident.SetParents},
	"one-card": {resident.IssueCard}, "life-in-order": {resident.CorrectPerson}, "marriage-of-age": {resident.EndMarriage}, "no-kin-married": {resident.EndMarriage},
}
