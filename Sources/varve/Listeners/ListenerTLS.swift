// The certificates of a listener while the node runs: read at start, read again on SIGHUP, told of by metrics and in
// the log before they expire.

import AdminGateway
import CommandLine
import Runtime
import TLS
import Telemetry

/// What a listener is encrypted with.
final class ListenerTLS: Sendable {
  /// What its listener is called.
  let name: String
  /// What connections are made from.
  let context: TLSServerContext

  private let configuration: ListenerTLSConfiguration
  private let preSharedKeys: TLSPreSharedKeyFile?
  private let logger: Logger
  private let time: any TimeSource
  private let metrics: TLSMetrics
  /// Why the last reload changed nothing; nil when it did not fail.
  private let failure = Locked<TLSError?>(nil)

  /// Reads the files of a listener; nil when it is not encrypted.
  ///
  /// - Parameters:
  ///   - name: what the listener is called; its section in the configuration, too.
  ///   - listener: its configuration.
  ///   - logger: where expiry is warned of.
  ///   - metrics: where it is shown.
  ///   - time: what expiry is measured by.
  init?(
    _ name: String, _ listener: ListenerConfiguration, logger: Logger, metrics: MetricRegistry,
    time: some TimeSource
  ) throws(CommandFailure) {
    let configuration = listener.tls
    guard configuration.isEnabled else { return nil }
    do throws(TLSError) {
      var keys: TLSPreSharedKeyFile?
      if let path = configuration.preSharedKeysFile { keys = try TLSPreSharedKeyFile(path) }
      let lookup = keys.map { keys in { @Sendable identity in keys.key(of: identity) } }
      context = try TLSServerContext(
        configuration.server(http2: listener.http2.isEnabled, preSharedKeys: lookup), time: time)
      preSharedKeys = keys
    } catch {
      let key = configuration.key(of: error).map { "\(name).tls.\($0)" } ?? "\(name).tls"
      throw CommandFailure(.configuration, "\(key): \(error)", hint: "see the keys of \(name).tls")
    }
    self.name = name
    self.configuration = configuration
    self.logger = logger
    self.time = time
    self.metrics = TLSMetrics(server: name, registry: metrics)
    examine()
  }

  /// Reads the files again. When one of them is wrong, everything stays as it is. It blocks: not for an event loop.
  func reload() throws(TLSError) {
    do throws(TLSError) {
      if let preSharedKeys {
        try preSharedKeys.reload { () throws(TLSError) in try context.reload() }
      } else {
        try context.reload()
      }
    } catch {
      failure.withLock { $0 = error }
      metrics.reloaded(fails: true)
      throw error
    }
    failure.withLock { $0 = nil }
    metrics.reloaded(fails: false)
    examine()
  }

  /// For the admin port's page.
  var report: [CertificateReport] {
    let failure = failure.withLock { $0?.description }
    return context.certificates.map {
      CertificateReport(listener: name, subject: $0.subject, notAfter: $0.notAfter, failure: failure)
    }
  }

  // MARK: Expiry

  /// Tells which certificate is in use, and until when.
  private func examine() {
    let now = time.wall
    for certificate in context.certificates {
      metrics.expires(at: certificate.notAfter)
      let isOver = certificate.notAfter <= now
      let left = Duration.nanoseconds(
        isOver ? 0 : certificate.notAfter.nanoseconds - now.nanoseconds)
      let fields: LogFields = [
        "listener": .string(name), "subject": .string(certificate.subject),
        "issuer": .string(certificate.issuer),
        "serial": .string(certificate.serial), "expires": .describing(certificate.notAfter),
        "left": .duration(left),
        "file": .string(configuration.certificateFile ?? ""),
      ]
      if isOver {
        logger.error("the certificate has expired", fields)
      } else if certificate.notBefore > now {
        logger.error("the certificate is not valid yet", fields)
      } else if left < configuration.expiryWarning {
        logger.warning("the certificate expires soon", fields)
      } else {
        logger.info("certificate in use", fields)
      }
    }
  }
}

/// What is measured of the TLS of a listener.
private struct TLSMetrics: Sendable {
  private let reloads: MetricFamily<Counter>
  private let lastFailed: Gauge
  private let expiry: MetricFamily<Gauge>
  private let server: String

  init(server: String, registry: MetricRegistry) {
    self.server = server
    reloads = registry.counter(
      "varve_tls_reloads_total", help: "Times that certificates and keys were read again, by result.",
      labels: ["server", "result"])
    lastFailed = registry.gauge(
      "varve_tls_reload_failed",
      help: "1 while the last reload of certificates and keys failed and older ones are in use.",
      labels: ["server"]
    ).with([server])
    expiry = registry.gauge(
      "varve_tls_certificate_expiry_timestamp_seconds",
      help: "When the certificate in use ends to be valid, in seconds since 1970.", labels: ["server"])
    for result in ["done", "failed"] { _ = reloads.with([server, result]) }
  }

  func reloaded(fails: Bool) {
    reloads.with([server, fails ? "failed" : "done"]).increment()
    lastFailed.set(fails ? 1 : 0)
  }

  func expires(at end: Timestamp) { expiry.with([server]).set(end.nanoseconds / 1_000_000_000) }
}

extension ListenerTLSConfiguration {
  /// The name of the key whose file is at fault; nil when that is not one file's.
  fileprivate func key(of error: TLSError) -> String? {
    switch error {
    case .unreadable(let path, _), .tooLong(let path, _), .malformed(let path, _), .encryptedKey(let path),
      .unusable(let path, _), .keyMismatch(_, let path):
      key(of: path)
    case .noIdentity, .invalidPreSharedKey, .openSSL: nil
    }
  }
}
