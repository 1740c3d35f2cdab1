// Plays sequences of events through XState and tells what each led to. Lines of JSON on standard input:
//   {"machine": …, "conditions": […]}   from here on this machine; the conditions by their number
//   {"steps": [{"type", "truth", …}]}   one sequence, answered with one line: an array of texts, one a step
// truth has one letter a condition: 1 holds, 0 does not, e cannot be evaluated.
import { createInterface } from 'node:readline'
import { initialTransition, setup, transition } from 'xstate'
import { names } from './names.mjs'

let number = new Map()
const holds = (condition, event) => {
  const v = event.truth[number.get(condition)]
  if (v === 'e') throw new Error(`${condition} cannot be evaluated`)
  return v === '1'
}
const { guards, actions } = names(holds)

function load({ machine, conditions }) {
  number = new Map(conditions.map((c, i) => [c, i]))
  const delays = {}
  const others = {}
  JSON.stringify(machine, (key, value) => {
    if (key === 'after') for (const d of Object.keys(value)) delays[d] = 1
    if (key === 'actions' || key === 'entry' || key === 'exit') for (const a of value) if (!(a.type in actions)) others[a.type] = () => {}
    return value
  })
  return setup({ guards, actions: { ...actions, ...others }, delays }).createMachine(machine)
}

const sorted = (o, show) => Object.keys(o).sort().map(k => `${k}=${show(o[k])}`).join(',')
const where = value => (typeof value === 'string' ? value : Object.keys(value)[0])

function tell(snapshot, taken) {
  const effects = taken.filter(a => !a.type.startsWith('xstate.')).map(a => (a.params?.name ? `${a.type} ${a.params.name}` : a.type))
  const { visits, actedBy, children } = snapshot.context
  return [where(snapshot.value), effects.join(','), sorted(visits, n => n), sorted(actedBy, a => a.join('+')), sorted(children, o => o ?? '')].join('|')
}

let machine
for await (const line of createInterface({ input: process.stdin })) {
  const input = JSON.parse(line)
  if (input.machine) {
    machine = load(input)
    continue
  }
  let [snapshot] = initialTransition(machine)
  const out = input.steps.map(event => {
    try {
      const [next, taken] = transition(machine, snapshot, event)
      snapshot = next
      return tell(snapshot, taken)
    } catch (err) {
      if (!/cannot be evaluated/.test(String(err))) throw err
      return 'error|' + tell(snapshot, [])
    }
  })
  process.stdout.write(JSON.stringify(out) + '\n')
}
