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
  @Test func smoke() throws {
    let l = try load(
      "name: a\nserver:\n  port: 80\n  tls:\n    key_password: abc\nvolumes:\n- path: /a\n- {path: /b, weight: 3}\nlabels: {a: \"1\"}"
    )
    print(l.text); print(l.yaml); print(l.json); print(fixture.text); print(fixture.markdown);
    print(fixture.json)
    print(
      problems(
        "nam: a\nserver:\n  port: 99999\n  tls: {certificate: a}\nvolumes:\n- pth: 1\n- x\nlevel: debgu\nserver: 1",
        environment: ["VARVE_SERVR_PORT": "1", "VARVE_SEEDS": "a:1,b"],
        flags: [.init(setting: "server.prt=2"), .init(setting: "server.compress=yes")]
      ).joined(separator: "\n"))
  }
}
