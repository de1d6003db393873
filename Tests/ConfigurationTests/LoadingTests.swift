import Configuration
import Testing

@Suite("Loading a configuration") struct LoadingTests {
  @Test func yieldsTheDefaultsWhereNothingIsSet() throws {
    let value = try load("name: a").value
    #expect(value.server.port == 7070)
    #expect(value.server.bodyMaximum == .mebibytes(64))
    #expect(value.server.tls.certificate == nil)
    #expect(value.level == .info)
    #expect(value.volumes.isEmpty)
  }
}
