/// Where in a message a reader or writer is. Steps are pushed on the way down and popped on the way up, so that
/// after an error they lead to it; they become text only then.
struct DynamicPath {
  private enum Step {
    case field(String)
    case element(Int)
    case entry(DynamicKey)
  }

  private var steps: [Step] = []

  mutating func push(_ field: String) { steps.append(.field(field)) }
  mutating func push(index: Int) { steps.append(.element(index)) }
  mutating func push(key: DynamicKey) { steps.append(.entry(key)) }
  mutating func pop() { steps.removeLast() }

  /// This path, and then another.
  mutating func append(_ other: DynamicPath) { steps += other.steps }

  /// `settings.list[2].by_name["a"]`; empty for the message itself.
  var description: String {
    var text = ""
    for step in steps {
      switch step {
      case .field(let name): text += text.isEmpty ? name : "." + name
      case .element(let index): text += "[\(index)]"
      case .entry(let key): text += "[\(key.jsonKey.debugDescription)]"
      }
    }
    return text
  }
}
