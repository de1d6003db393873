// The arithmetic behind combining CRCs. A CRC is a remainder of polynomials over two elements; appending n
// bytes multiplies the remainder before them by x to the 8n, which repeated squaring makes cheap.

/// Multiplication modulo one reflected 32-bit polynomial (bit 31 is x⁰).
struct CRCCombination: Sendable {
  static let castagnoli = CRCCombination(polynomial: 0x82f6_3b78)
  static let ieee = CRCCombination(polynomial: 0xedb8_8320)

  private let polynomial: UInt32
  /// x to the 8 · 2⁰, 8 · 2¹, … 8 · 2⁶².
  private let squares: [UInt32]

  private init(polynomial: UInt32) {
    self.polynomial = polynomial
    var square: UInt32 = 1 << 23  // x⁸
    var squares = [square]
    for _ in 1..<63 {
      square = Self.multiply(square, square, modulo: polynomial)
      squares.append(square)
    }
    self.squares = squares
  }

  func combine(_ first: UInt32, _ second: UInt32, secondByteCount: Int) -> UInt32 {
    precondition(secondByteCount >= 0, "negative length")
    var shifted = first
    var left = secondByteCount
    var index = 0
    while left > 0 {
      if left & 1 == 1 { shifted = Self.multiply(squares[index], shifted, modulo: polynomial) }
      left >>= 1
      index += 1
    }
    return shifted ^ second
  }

  private static func multiply(_ left: UInt32, _ right: UInt32, modulo polynomial: UInt32) -> UInt32 {
    var product: UInt32 = 0
    var shifted = right
    var bit: UInt32 = 1 << 31
    while bit != 0 {
      if left & bit != 0 { product ^= shifted }
      shifted = shifted & 1 == 1 ? shifted >> 1 ^ polynomial : shifted >> 1
      bit >>= 1
    }
    return product
  }
}
