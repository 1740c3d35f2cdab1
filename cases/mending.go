package cases

// mendEffect changes the effect in the statement that writes the event. One in a
// worker's hand is taken from it: what the worker does late changes nothing. The
// incident is closed; a retry that fails opens another. A retry also lets the
// breaker of the effect's peer try at once, or it would only wait on.
func (m *mend) mendEffect(q *statement, now, effects, attempts string) {
	seq, idx := q.arg(m.seq), q.arg(m.idx)
	now += "::timestamptz"
	set, how := `status = 0, next_at = `+now+`, done_at = NULL, failures = 0, troubled_since = NULL, ambiguous = x.ambiguous OR x.status = 1`, "retried"
	if m.event == EventWriteOff {
		set, how = `status = 5, next_at = NULL, done_at = `+now, "written-off"
	}
	this := ` FROM moved WHERE x.case_id = moved.id AND x.seq = ` + seq + `::int AND x.idx = ` + idx + `::int AND `
	q.with("mended", `UPDATE `+effects+` x SET `+set+`, lease = NULL, lease_until = NULL, rung_at = NULL, waits_for = NULL`+this+`x.status IN (0, 1, 4)`)
	q.with("taken", `UPDATE `+attempts+` x SET ended_at = `+now+`, result = 'lost', detail = 'taken from the worker by an operator'`+this+`x.ended_at IS NULL`)
	q.with("settled", `UPDATE incidents x SET closed_at = `+now+`, closed_by = `+q.arg(m.by)+`, closed_how = `+q.arg(how)+this+`x.closed_at IS NULL`)
	if how == "retried" {
		q.with("resumed", `UPDATE peers p SET probe_at = `+now+` FROM moved WHERE p.name = `+q.arg(m.peer)+` AND p.opened_at IS NOT NULL`)
	}
}
