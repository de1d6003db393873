// `grpc-timeout`: how long the caller will wait, as up to eight digits and a unit.

import Runtime

/// How long a call may take.
package enum GRPCTimeout {
  /// The duration of a field; nil when it is none.
  package static func duration(_ field: String) -> Duration? {
    let digits = field.utf8.dropLast()
    guard (1...8).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
      let amount = Int64(String(field.dropLast()))
    else { return nil }
    switch field.utf8.last {
    case UInt8(ascii: "H"): return .seconds(amount * 3600)
    case UInt8(ascii: "M"): return .seconds(amount * 60)
    case UInt8(ascii: "S"): return .seconds(amount)
    case UInt8(ascii: "m"): return .milliseconds(amount)
    case UInt8(ascii: "u"): return .microseconds(amount)
    case UInt8(ascii: "n"): return .nanoseconds(amount)
    default: return nil
    }
  }

  /// The field of a duration, rounded up to what eight digits can say: the peer must not give up before us.
  package static func field(_ duration: Duration) -> String {
    var amount = max(1, duration.wholeNanoseconds)
    // Each unit with how many of it make one of the next.
    for (unit, next) in [("n", 1000), ("u", 1000), ("m", 1000), ("S", 60), ("M", 60)] as [(String, UInt64)] {
      if amount <= maximum { return "\(amount)\(unit)" }
      amount = amount / next + (amount.isMultiple(of: next) ? 0 : 1)
    }
    return "\(min(amount, maximum))H"
  }

  private static let maximum: UInt64 = 99_999_999
}
