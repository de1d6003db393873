// New certificates for a running node: by SIGHUP, without a connection being lost, and without harm when they are wrong.

import Foundation
import Glibc
import Peers
import Testing

@Suite("Renewing certificates", .serialized) struct RenewalTests {
  /// Python's client on one connection: asks when it is told to, and says what came and from whom.
  ///
  /// It opens no second connection, so an answer shows that the first is still there.
  final class Client {
    private let process = Process()
    private let (input, output) = (Pipe(), Pipe())

    init(_ port: UInt16, trusting authority: String) throws {
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["python3", "-c", Self.script, "\(port)", authority]
      process.standardInput = input
      process.standardOutput = output
      try ForeignProgram.start(process)
    }

    deinit {
      input.fileHandleForWriting.closeFile()
      process.waitUntilExit()
    }

    /// The status of the answer and the serial number of the server's certificate.
    func ask(_ path: String) -> String {
      input.fileHandleForWriting.write(Data("\(path)\n".utf8))
      var line = Data()
      while true {
        let byte = output.fileHandleForReading.readData(ofLength: 1)
        if byte.isEmpty || byte == Data("\n".utf8) { return String(decoding: line, as: UTF8.self) }
        line += byte
      }
    }

    private static let script = """
      import http.client, ssl, sys
      context = ssl.create_default_context(cafile=sys.argv[2])
      connection = http.client.HTTPSConnection("localhost", int(sys.argv[1]), timeout=30, context=context)
      connection.connect()
      connection.auto_open = 0
      for path in sys.stdin:
        connection.request("GET", path.strip())
        answer = connection.getresponse()
        answer.read()
        print(answer.status, connection.sock.getpeercert()["serialNumber"], flush=True)
      """
  }

  private func scrape(_ node: NodeTests.Running, _ certificates: Certificates) throws -> [String] {
    let output = try ForeignProgram.run(
      "curl",
      [
        "-sS", "--max-time", "20", "--cacert", certificates.path("authority.pem"),
        "https://localhost:\(node.port)/metrics",
      ])
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("varve_tls_") }
  }

  @Test func takesEffectWithoutLosingAConnection() throws {
    let certificates = try Certificates()
    try certificates.sign("server", serial: 0x11)
    let node = try NodeTests.Running(certificates.settings("server"))
    let authority = certificates.path("authority.pem")
    let before = try Client(node.port, trusting: authority)
    #expect(before.ask("/version") == "200 11")

    try certificates.sign("server", serial: 0x12)
    node.process.signal(SIGHUP)
    let reloaded = try #require(node.process.waitForError(containing: "certificates of admin"))
    #expect(reloaded.contains("msg=reloaded"))
    #expect(before.ask("/version") == "200 11")
    let after = try Client(node.port, trusting: authority)
    #expect(after.ask("/version") == "200 12")
    #expect(
      try scrape(node, certificates).contains("varve_tls_reloads_total{server=\"admin\",result=\"done\"} 1"))
    #expect(before.ask("/readyz") == "200 11")
    #expect(
      node.process.errorLines.contains { $0.contains("certificate in use") && $0.contains("serial=12") })
  }

  @Test func aWrongOneIsReportedAndTheOldOneStays() throws {
    let certificates = try Certificates()
    try certificates.sign("server", serial: 0x21)
    let node = try NodeTests.Running(certificates.settings("server"))
    let authority = certificates.path("authority.pem")
    let before = try Client(node.port, trusting: authority)
    #expect(before.ask("/version") == "200 21")

    try Data("nonsense\n".utf8).write(to: certificates.folder.url("server.pem"))
    node.process.signal(SIGHUP)
    let failed = try #require(node.process.waitForError(containing: "reload failed"))
    #expect(failed.contains("level=error") && failed.contains("certificates of admin"))
    #expect(failed.contains(certificates.path("server.pem")))
    #expect(before.ask("/version") == "200 21")
    #expect(try Client(node.port, trusting: authority).ask("/version") == "200 21")
    var metrics = try scrape(node, certificates)
    #expect(metrics.contains("varve_tls_reloads_total{server=\"admin\",result=\"failed\"} 1"))
    #expect(metrics.contains("varve_tls_reload_failed{server=\"admin\"} 1"))

    try certificates.sign("server", serial: 0x22)
    node.process.signal(SIGHUP)
    _ = try #require(node.process.waitForError(containing: "what=\"certificates of admin\""))
    #expect(try Client(node.port, trusting: authority).ask("/version") == "200 22")
    metrics = try scrape(node, certificates)
    #expect(metrics.contains("varve_tls_reload_failed{server=\"admin\"} 0"))
  }

  @Test func isRememberedBeforeItIsTooLate() throws {
    let certificates = try Certificates()
    try certificates.sign("server", serial: 0x31, days: 30)
    let node = try NodeTests.Running(certificates.settings("server"))
    #expect(!node.process.errorLines.contains { $0.contains("expires soon") })
    let began = Date().timeIntervalSince1970
    let name = "varve_tls_certificate_expiry_timestamp_seconds{server=\"admin\"} "
    let line = try #require(try scrape(node, certificates).first { $0.hasPrefix(name) })
    let days = (try #require(Double(line.dropFirst(name.count))) - began) / 86_400
    #expect((29.9...30.1).contains(days))

    try certificates.sign("server", serial: 0x32, days: 3)
    node.process.signal(SIGHUP)
    let warning = try #require(node.process.waitForError(containing: "the certificate expires soon"))
    #expect(warning.contains("level=warning") && warning.contains("CN=server"))
    try certificates.sign("server", serial: 0x33, days: -1)
    node.process.signal(SIGHUP)
    let error = try #require(node.process.waitForError(containing: "the certificate has expired"))
    #expect(error.contains("level=error"))

    try certificates.sign("server", serial: 0x34, days: 30)
    let careful = try NodeTests.Running(
      certificates.settings("server") + ["admin.tls.expiry_warning=60d"])
    #expect(
      careful.process.errorLines.contains { $0.contains("level=warning") && $0.contains("expires soon") })
  }
}
