// What the names in an exported machine mean (the list stands at XState in xstate.go). Whether a CEL condition holds is
// asked of holds(condition, event), which throws when the condition cannot be evaluated.
import { assign } from 'xstate'

export function names(holds) {
  const has = (p, event) => event.system || !p.role || event.roles.includes(p.role)
  const true_ = (p, event) => p.when === undefined || holds(p.when, event)
  const spent = (p, context) => p.max !== undefined && (context.visits[p.step] ?? 0) >= p.max
  const did = (p, context, event) => !event.system && (p.unlike ?? []).some(e => context.actedBy[e]?.includes(event.actor))

  const guards = {
    allowed: ({ context, event }, p) => has(p, event) && true_(p, event) && !spent(p, context) && !did(p, context, event),
    'held-up': ({ context, event }, p) => !has(p, event) || (true_(p, event) && (spent(p, context) || did(p, context, event))),
    'none-open': ({ context }) => Object.keys(context.children).length === 0,
    joined: ({ context, event }, p) => left(p, ended(context.children, event)),
    returnable: ({ context, event }, p) => has(p, event) && !context.past,
  }

  const actions = {
    count: assign(({ context, event }, p) => {
      const step = p.step ?? `${p.state}.${event.child}`
      const next = { visits: { ...context.visits, [step]: (context.visits[step] ?? 0) + 1 } }
      if (p.event && !event.system) {
        const before = context.actedBy[p.event] ?? []
        if (!before.includes(event.actor)) next.actedBy = { ...context.actedBy, [p.event]: [...before, event.actor] }
      }
      return next
    }),
    open: assign(({ event }, p) => ({
      children: Object.fromEntries(p.children.filter(c => true_(c, event)).map(c => [c.name, null])),
    })),
    outcome: assign(({ context, event }) => ({ children: ended(context.children, event) })),
    past: assign(() => ({ past: true })),
  }
  return { guards, actions }
}

// ended are the sub-cases after an outcome has come; one that comes twice, or from a stranger, changes nothing.
function ended(children, { child, outcome }) {
  return child in children && children[child] === null ? { ...children, [child]: outcome } : children
}

// left tells whether a join is left by way of p.to.
function left(p, children) {
  const all = Object.values(children)
  const came = all.filter(o => o !== null)
  const as = name => came.filter(o => (p.outcomes ? (p.outcomes[o] ?? 'gap') : p.ok.includes(o) ? 'ok' : 'stop') === name).length
  const complete = came.length === all.length
  if (p.rule === 'settled') return p.to === 'then' && complete
  if (p.rule === 'first-negative') return p.to === 'refused' ? as('stop') > 0 : complete && as('stop') === 0
  const needed = { all: all.length, any: 1, count: Math.min(p.count, all.length) }[p.rule]
  const stillPossible = as('ok') + all.length - came.length
  return p.to === 'then' ? as('ok') >= needed : stillPossible < needed
}
