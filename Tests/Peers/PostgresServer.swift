// A PostgreSQL server of our own: its files in a temporary folder, its port chosen here, nothing shared with a server
// that the system may run. A watchdog stops it when this process ends, however it ends.

public import Foundation
import Glibc

/// A PostgreSQL server that was made for tests.
///
/// `@unchecked Sendable`: it holds only constants.
public final class PostgresServer: @unchecked Sendable {
  /// How clients are let in.
  public enum Access: Sendable {
    /// Everybody, without TLS.
    case open
    /// With a password (SCRAM) and TLS only. The certificate is the server's own, for the name "localhost".
    case guarded(password: String)
  }

  /// How it is stopped.
  public enum Stop: String, Sendable {
    /// Clients are cut off, what is in memory is written.
    case fast
    /// As in a crash, but with the processes gone.
    case immediate
  }

  /// The superuser's name.
  public static let user = "varve"

  /// The server that tests share when they do it no harm. Started at the first use.
  public static let shared = Result { try PostgresServer() }

  /// Where its socket and files are.
  public let folder: String
  /// Its port on 127.0.0.1.
  public let port: UInt16
  /// A file with its certificate, when it has one.
  public var certificate: String { "\(folder)/data/server.crt" }

  private let programs: String
  private let account: [String]
  /// Its end makes the watchdog stop the server and remove the folder.
  private let lifeline: FileHandle

  /// Makes a server and starts it.
  public init(_ access: Access = .open) throws {
    programs = try Self.findPrograms()
    // The server refuses to run as root; the Debian package brings an account for it.
    account =
      geteuid() == 0
      ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
    // Short, because a socket's path is: not under a long TMPDIR.
    var template = Array("/tmp/varve-pg-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ForeignProgram.Failure("mkdtemp failed with \(errno)") }
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    self.folder = folder
    if !account.isEmpty, let postgres = getpwnam("postgres") {
      guard chown(folder, postgres.pointee.pw_uid, postgres.pointee.pw_gid) == 0 else {
        throw ForeignProgram.Failure("chown of \(folder) failed with \(errno)")
      }
    }
    port = try Self.freePort()
    lifeline = try Self.watch(account + ["\(programs)/pg_ctl"], folder)
    try initialize(access)
    try start()
  }

  deinit {
    do { try lifeline.close() } catch { print("the watchdog of \(folder) could not be told: \(error)") }
  }

  // MARK: Life

  /// Starts it, and returns when it takes connections.
  public func start() throws {
    _ = try ForeignProgram.run(
      "env",
      ["-C", folder, "bash", "-c", Self.lettingGo + "exec \"$@\"", "start"] + account + [
        "\(programs)/pg_ctl", "-D", "\(folder)/data", "-l", "\(folder)/log", "-w", "-t", "60", "-s", "start",
      ])
  }

  /// Stops it, and returns when it has stopped.
  public func stop(_ how: Stop) throws {
    try run("pg_ctl", ["-D", "\(folder)/data", "-m", how.rawValue, "-w", "-t", "60", "-s", "stop"])
  }

  /// Starts it, after `stop`, as a standby that no primary sends anything: it answers, and takes no writes.
  public func startAsStandby() throws {
    try write("", to: "\(folder)/data/standby.signal")
    try start()
  }

  /// Makes a standby a server that takes writes.
  public func promote() throws {
    try run("pg_ctl", ["-D", "\(folder)/data", "-w", "-t", "60", "-s", "promote"])
  }

  /// Kills its first process without warning, and returns at once. The others follow when they notice.
  public func kill() throws {
    guard Glibc.kill(try process(), SIGKILL) == 0 else {
      throw ForeignProgram.Failure("the server could not be killed: \(errno)")
    }
  }

  /// Starts it after `kill`: tries again while remains of the old one are in the way.
  public func restart() throws {
    var last: any Error = ForeignProgram.Failure("never tried")
    for _ in 0..<100 {
      do {
        return try start()
      } catch {
        last = error
      }
    }
    throw last
  }

  /// The number of its first process.
  public func process() throws -> pid_t {
    let text = try String(contentsOfFile: "\(folder)/data/postmaster.pid", encoding: .utf8)
    guard let number = text.split(separator: "\n").first.flatMap({ pid_t($0) }) else {
      throw ForeignProgram.Failure("\(folder)/data/postmaster.pid names no process")
    }
    return number
  }

  /// A connection string for it, over TCP.
  public func address(password: String? = nil, options: String = "") -> String {
    let secret = password.map { ":\($0)" } ?? ""
    return "postgres://\(Self.user)\(secret)@127.0.0.1:\(port)/postgres\(options)"
  }

  /// A connection string for it, over its Unix socket.
  public var localAddress: String {
    "postgres:///postgres?host=\(folder)&port=\(port)&user=\(Self.user)"
  }

  /// What `psql` prints for a statement: fields separated by `|`.
  public func psql(_ sql: String, password: String? = nil) throws -> String {
    let text = String(
      decoding: try ForeignProgram.run(
        "\(programs)/psql",
        ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", address(password: password), "-c", sql]),
      as: UTF8.self)
    return text.trimmingCharacters(in: .newlines)
  }

  // MARK: Making one

  private func initialize(_ access: Access) throws {
    var arguments = ["-D", "\(folder)/data", "-U", Self.user, "-E", "UTF8", "--locale=C", "--no-sync"]
    var settings = """
      listen_addresses = '127.0.0.1'
      port = \(port)
      unix_socket_directories = '\(folder)'
      max_connections = 500
      shared_buffers = 32MB
      fsync = off
      full_page_writes = off
      max_wal_size = 1GB

      """
    switch access {
    case .open:
      arguments += ["-A", "trust"]
    case .guarded(let password):
      // Not on the command line, which everybody on the machine can read.
      let file = "\(folder)/password"
      try write(password + "\n", to: file)
      arguments += ["-A", "scram-sha-256", "--pwfile=\(file)"]
      settings += "ssl = on\n"
    }
    try run("initdb", arguments)
    if case .guarded = access {
      try makeCertificate()
      try write("hostssl all all 127.0.0.1/32 scram-sha-256\n", to: "\(folder)/data/pg_hba.conf")
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/data/postgresql.conf"))
    try file.seekToEnd()
    try file.write(contentsOf: Data(settings.utf8))
    try file.close()
  }

  private func makeCertificate() throws {
    let (key, certificate) = ("\(folder)/data/server.key", "\(folder)/data/server.crt")
    _ = try ForeignProgram.run(
      "env",
      account + [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out",
        certificate,
      ])
    guard chmod(key, 0o600) == 0 && chmod(certificate, 0o644) == 0 else {
      throw ForeignProgram.Failure("chmod failed with \(errno)")
    }
  }

  /// Writes a file that the server's account can read: one that is there keeps its owner.
  private func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: [])
    if !account.isEmpty, let postgres = getpwnam("postgres") {
      guard chown(path, postgres.pointee.pw_uid, postgres.pointee.pw_gid) == 0, chmod(path, 0o600) == 0 else {
        throw ForeignProgram.Failure("chown of \(path) failed with \(errno)")
      }
    }
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    _ = try ForeignProgram.run("env", ["-C", folder] + account + ["\(programs)/\(program)"] + arguments)
  }

  private static func findPrograms() throws -> String {
    let all = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: all)) ?? []
    let newest = versions.compactMap(Int.init).sorted().last { version in
      FileManager.default.isExecutableFile(atPath: "\(all)/\(version)/bin/initdb")
    }
    guard let newest else {
      throw ForeignProgram.Failure("no PostgreSQL server in \(all): run ops/setup, which installs it")
    }
    return "\(all)/\(newest)/bin"
  }

  /// A port that nobody has, from below those that the kernel gives away: between here and the server's start, a test
  /// beside this one must not be given it.
  private static func freePort() throws -> UInt16 {
    for _ in 0..<100 {
      let port = UInt16.random(in: 20_000..<32_000)
      if isFree(port) { return port }
    }
    throw ForeignProgram.Failure("no free port: \(errno)")
  }

  private static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    address.sin_port = port.bigEndian
    let length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
    }
  }

  /// Foundation sees a process end when the last holder of a descriptor of its own does, and only then takes its remains
  /// away. What outlives the process it started must not be one: remains that nobody takes away would besides keep a test
  /// that waits for a process of its own from ever hearing of it.
  private static let lettingGo = """
    for descriptor in /proc/self/fd/*; do
      number=${descriptor##*/}
      [ "$number" -le 2 ] || eval "exec $number>&-"
    done

    """

  /// Starts the process that waits for this one to end: the end of its input is the end of us.
  private static func watch(_ control: [String], _ folder: String) throws -> FileHandle {
    let input = Pipe()
    // No other child may hold the end that tells the watchdog that we live.
    guard fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC) == 0 else {
      throw ForeignProgram.Failure("fcntl failed with \(errno)")
    }
    let watchdog = Process()
    watchdog.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // A session of its own, so that an interrupt from the keyboard does not end the watchdog before its work; and no
    // child of ours, which we would have to wait for.
    watchdog.arguments =
      [
        "setsid", "--fork", "bash", "-c",
        lettingGo + """
          folder=$1; shift
          cat >/dev/null
          "$@" -D "$folder/data" -m immediate -w -t 30 -s stop
          rm -rf "$folder"
          """, "watchdog", folder,
      ] + control
    watchdog.standardInput = input.fileHandleForReading
    watchdog.standardOutput = FileHandle.nullDevice
    watchdog.standardError = FileHandle.nullDevice
    try ForeignProgram.start(watchdog)
    // This is the process that forked, which ends at once.
    watchdog.waitUntilExit()
    return input.fileHandleForWriting
  }
}
