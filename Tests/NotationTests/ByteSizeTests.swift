import Notation
import Testing

@Suite("Byte sizes") struct ByteSizeTests {
  @Test(
    arguments: [
      ("0", 0), ("512", 512), ("512 B", 512), ("64 MiB", 64 << 20), ("64MiB", 64 << 20), ("1.5 GiB", 3 << 29),
      ("1 kB", 1000), ("2.5 GB", 2_500_000_000), ("7 EiB", 7 << 60), ("9223372036854775807", Int.max),
      ("0.000000001 GB", 1), ("1 TiB", 1 << 40), ("1 PiB", 1 << 50),
    ] as [(String, Int)])
  func areRead(text: String, bytes: Int) throws {
    #expect(try ByteSize(parsing: text).bytes == bytes)
  }

  @Test(
    arguments: [
      ("", "is not a size: write a number and a unit, such as 64 MiB"),
      ("MiB", "is not a size: write a number and a unit, such as 64 MiB"),
      ("-1", "is not a size: write a number and a unit, such as 64 MiB"),
      (" 1", "is not a size: write a number and a unit, such as 64 MiB"),
      ("1. MiB", "is not a size: write a number and a unit, such as 64 MiB"),
      ("1.0000000001 GB", "is not a size: write a number and a unit, such as 64 MiB"),
      ("99999999999999999999", "is not a size: write a number and a unit, such as 64 MiB"),
      ("1 ", "has no unit of size: use one of KiB, MiB, GiB, TiB, kB, MB, GB, TB"),
      ("1  MiB", "has no unit of size: use one of KiB, MiB, GiB, TiB, kB, MB, GB, TB"),
      ("1 MiB ", "has no unit of size: use one of KiB, MiB, GiB, TiB, kB, MB, GB, TB"),
      ("1 apples", "has no unit of size: use one of KiB, MiB, GiB, TiB, kB, MB, GB, TB"),
      ("64 mib", "has an unclear unit: write MiB"), ("64 M", "has an unclear unit: write MiB or MB"),
      ("64 mb", "has an unclear unit: write MB"), ("1 KB", "has an unclear unit: write kB"),
      ("8 EiB", "is not a whole number of bytes below 8 EiB"),
      ("0.5 B", "is not a whole number of bytes below 8 EiB"),
      ("18446744073709551615 EiB", "is not a whole number of bytes below 8 EiB"),
    ] as [(String, String)])
  func areRefused(text: String, phrase: String) {
    #expect(throws: NotationError.malformed(phrase)) { try ByteSize(parsing: text) }
  }

  @Test(
    arguments: [
      (0, "0 B"), (1, "1 B"), (1000, "1 kB"), (1024, "1 KiB"), (1536, "1536 B"), (64 << 20, "64 MiB"),
      (1_500_000, "1500 kB"), (1 << 62, "4 EiB"), (Int.max, "9223372036854775807 B"),
    ] as [(Int, String)])
  func arePrintedExactly(bytes: Int, text: String) throws {
    #expect(ByteSize(bytes: bytes).description == text)
    #expect(try ByteSize(parsing: text).bytes == bytes)
  }

  @Test(
    arguments: [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (10_239, "10.0 KiB"), (102_399, "100 KiB"),
      (1_048_575, "1.00 MiB"), (1_536_000_000, "1.43 GiB"), (Int.max, "8.00 EiB"), (1030, "1.01 KiB"),
    ] as [(Int, String)])
  func arePrintedToThreeDigits(bytes: Int, text: String) {
    #expect(ByteSize(bytes: bytes).approximate == text)
  }
}
