package doctor

// Invariant is a sentence that is true of every sound database.
type Invariant struct {
	N        int    `json:"n"`
	Title    string `json:"title"`    // Vietnamese, short
	Sentence string `json:"sentence"` // English
	How      string `json:"how"`      // by what it is checked
}

// Invariants are all of them. Source: engine.md, section 12.
var Invariants = []Invariant{
	{1, "Hồ sơ ở đúng một trạng thái", "Every case is in exactly one state of its pinned definition; the last event's to_state equals it", "case row, its last event and the stored version"},
	{2, "Lịch sử liền mạch", "The sequence of events is 1…n without gap or double; the revision is n", "the events of each case"},
	{3, "Chuỗi băm nguyên vẹn", "Every chain verifies; head_hash is the last hash; every anchored head is in today's chain", "hashes computed anew by code of the doctor's own"},
	{4, "Phát lại ra đúng hiện trạng", "Replay of the events with the pinned definition gives the stored state, visits, clocks, due dates and open tasks", "a replay of the doctor's own, from the events alone"},
	{5, "Việc đã nhận không mất", "A command that was answered as accepted is in the events exactly once", "journal against the events and keys of filing (no fail-over to a standby is played)"},
	{6, "Gửi lại cho cùng câu trả lời", "A command repeated with the same id has the same answer, with another body it is refused; of two with the same expected revision one wins", "journal of repeated, changed and racing commands"},
	{7, "Không có việc làm dở", "A command answered with an error left nothing behind; one without an answer is fully there or not at all", "journal against events, effects and bodies"},
	{8, "Việc kèm theo đúng định nghĩa", "The effects of each event are exactly those its definition prescribes, with their deterministic keys; none without an event", "events against case_effects, keys computed anew"},
	{9, "Bên ngoài làm tối đa một lần", "Each effect key was executed by the peer at most once, and exactly once when the effect is done", "books of payment platform, registries and mailbox, and the resident database's own changes"},
	{10, "Xong thì có biên nhận", "No effect is done without a receipt; no receipt without an attempt; no attempt after a final result", "case_effects against case_effect_attempts"},
	{11, "Không việc nào bị quên", "No open effect is later than its next_at plus 90 s without a live bell; no bell without an effect survives an hour", "case_effects against River's jobs, in one statement"},
	{12, "Người làm trễ không đổi được gì", "A late worker with an old lease changed nothing", "leases, results and order of attempts"},
	{13, "Hợp nhánh đúng một lần", "Each join fired at most once per visit, and exactly once when its rule was met or its window ended", "events of subcases states against the outcomes of their slots"},
	{14, "Kết quả nhánh đúng với nhánh", "Slot outcomes equal what the children's chains say; late outcomes are stored and without effect", "case_children against the children's cases"},
	{15, "Không nhánh nào bị bỏ mở", "No child is open whose parent is final, after the cancellation interval, unless detached by definition", "case_children against the children's cases"},
	{16, "Hẹn giờ đúng một lần", "A timer fires at most once per (case, name, generation), none for a state that was left, and none is lost", "events of time-outs, and case_timers against the definition"},
	{17, "Không hồ sơ nào bị bỏ quên", "Every open case has a task, a timer, an open effect, an open child or an incident", "one statement over all open cases"},
	{18, "Đồng hồ tạm dừng thì đứng yên", "A paused clock did not move; used days never fall; the due date is never earlier than before except by a recorded decision", "due dates after each event of the replay, counted by the independent law"},
	{19, "Hạn đúng luật", "The due date is what the law of the clock says of the run intervals and the named calendar revision", "a second implementation that shares no code with package calendar's"},
	{20, "Lịch mới được áp dụng", "After a new calendar revision every open clock is on it or has a recorded reason", "case_clocks against the revisions known"},
	{21, "Đúng người, đúng cơ quan", "Four-eyes, role and unit rules hold for every event, checked from the events alone", "actors of events against the definition, seats and succession of agencies"},
	{22, "Không vượt số lần", "No max of a transition is exceeded", "events counted by state and transition"},
	{23, "Hoàn tác đầy đủ", "Every case with a negative end has each reversible done effect undone exactly once, in reverse order, or an open incident", "undo effects against what they undo"},
	{24, "Không thể đảo ngược thì không làm nhầm", "No irreversible effect was executed for a case that ended refused, withdrawn or expired", "done effects of negative ends against their class"},
	{25, "Thông điệp xử lý một lần", "Each message (source, id) was acted on at most once; a forged, expired or altered one never; every accepted one has a signed receipt", "message_inbox, message_refusals and the events that messages caused"},
	{26, "Hai đầu khớp nhau", "Sender's and receiver's books agree on every message: sent is received, or open, or an incident", "message_outbox against message_inbox and effects"},
	{27, "Thông báo đúng một lần", "Citizens got each due notification at least once and at most once per key, and none for a change that was rolled back", "notify effects against notices, and against the mailbox's book"},
	{28, "Bộ đếm đúng", "Counters equal what is counted", "numbers of cases and papers, and roll-ups, counted anew"},
	{29, "Một tập hợp hồ sơ cho mỗi người", "The sets seen by each actor are equal over list, search, count, export, item and event feed", "sampled officers and citizens asked through package cases"},
	{30, "Mọi lần đọc đều có dấu vết", "Every read of personal data has an entry in the log of reads; no log, job or trace holds a planted name or number", "journal of reads, River's jobs and the given traces"},
	{31, "Sự cố không trùng", "At most one incident is open per effect; resolving re-runs under the same guards and either closes or re-opens", "incidents against effects and operators' events"},
	{32, "Lịch sử tuyến tính", "Each case's history is linearizable: commands took effect between their call and their answer, in the order of the events", "journal of calls and answers against the sequence of events"},
	{33, "Hai phiên bản chạy cùng nhau", "Old and new release together break none of the above; so does a roll-back", "journal: which builds worked on this database"},
	{34, "Khôi phục không làm lại", "After a restore to a point in time all of the above hold, and the peers' books show no second execution", "journal: a restore, and the books after it"},
	{35, "Hồi phục có giới hạn", "Within 60 s after the fault ends every stuck effect is moving, within 10 min the arrears are back to normal", "journal of the recovery, and effects that are past their time now"},
	{36, "Dữ liệu dân cư nhất quán", "The resident database keeps its own invariants: one address of a kind, symmetric marriages, living heads, nobody dead registered, nobody their own ancestor …", "the list of package resident, in one snapshot"},
}
