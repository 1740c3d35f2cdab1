package failpoint

// The places of a command and of a filing (engine.md, section 3).
const (
	ReadBefore   Place = "case.read.before"  // the case is not read yet
	ReadAfter    Place = "case.read.after"   // read, nothing decided
	DecideAfter  Place = "case.decide.after" // decided in memory
	WriteBefore  Place = "case.write.before" // the statement is made
	WriteAfter   Place = "case.write.after"  // it is committed, nobody knows
	NumberBefore Place = "filing.number.before"
	NumberAfter  Place = "filing.number.after" // a block of numbers is taken
	FileBefore   Place = "filing.write.before"
	FileAfter    Place = "filing.write.after" // the case is there, the citizen does not know
)

// The places of an effect (section 4).
const (
	ClaimBefore  Place = "effect.claim.before"
	ClaimAfter   Place = "effect.claim.after" // leased, nothing done
	CallBefore   Place = "effect.call.before" // the next thing is the peer
	CallAfter    Place = "effect.call.after"  // the peer has acted, we have written nothing
	KeepBefore   Place = "effect.keep.before" // the result is about to be written down
	KeepAfter    Place = "effect.keep.after"  // the result is kept, the case is not told
	SignalBefore Place = "effect.signal.before"
	SignalAfter  Place = "effect.signal.after" // the case is told, the effect is still open
	FinishBefore Place = "effect.finish.before"
	FinishAfter  Place = "effect.finish.after" // ticked off, River does not know
	PutBack      Place = "effect.put-back"     // a failed attempt is about to be written down
)

// The places of timers, of what cases tell each other, of payments and of the records.
const (
	TimerMarkBefore Place = "timer.mark.before"
	TimerMarkAfter  Place = "timer.mark.after" // marked as rung, the jobs are committed
	TimerFireBefore Place = "timer.fire.before"
	TimerFireAfter  Place = "timer.fire.after"  // the case has moved, the timer's row is still there
	RingAfter       Place = "reconcile.after"   // new bells for what was late
	DeliverBefore   Place = "message.before"    // between parent and sub-case
	DeliverAfter    Place = "message.after"     // delivered, the sender does not know
	CallbackBefore  Place = "callback.before"   // of the payment platform
	CallbackAfter   Place = "callback.after"    // taken in, the platform does not know
	SealBefore      Place = "audit.seal.before" // of the log of reads
	SealAfter       Place = "audit.seal.after"
	AnchorBefore    Place = "audit.anchor.before"
	AnchorAfter     Place = "audit.anchor.after"
	StampAfter      Place = "audit.stamp.after" // the authority has stamped, nobody has written it down
)

// Places are all places. TestPlaces holds them against the code.
var Places = []Place{
	ReadBefore, ReadAfter, DecideAfter, WriteBefore, WriteAfter, NumberBefore, NumberAfter, FileBefore, FileAfter,
	ClaimBefore, ClaimAfter, CallBefore, CallAfter, KeepBefore, KeepAfter, SignalBefore, SignalAfter, FinishBefore, FinishAfter, PutBack,
	TimerMarkBefore, TimerMarkAfter, TimerFireBefore, TimerFireAfter, RingAfter, DeliverBefore, DeliverAfter,
	CallbackBefore, CallbackAfter, SealBefore, SealAfter, AnchorBefore, AnchorAfter, StampAfter,
}
