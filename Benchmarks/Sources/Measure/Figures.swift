// How figures are written in the tables.

/// A whole number in groups of three.
public func grouped(_ value: Double) -> String {
  let digits = Array(String(Int(value.rounded())))
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0 && (digits.count - index) % 3 == 0 && digits[index - 1] != "-" { text.append(",") }
    text.append(digit)
  }
  return text
}

/// A number with as many decimals as three digits want.
public func rounded(_ value: Double) -> String {
  if abs(value) >= 100 { return grouped(value) }
  let scale: Double = abs(value) >= 10 ? 10 : 100
  return String((value * scale).rounded() / scale)
}

/// A ratio.
public func times(_ value: Double) -> String { rounded(value) + "x" }

/// Whether a goal is met, beside the goal.
public func verdict(_ goal: String, _ isMet: Bool) -> String { "\(goal): \(isMet ? "met" : "missed")" }
