// Connecting: names become addresses in the pool, since libpq would block for them, and each address is tried with
// an equal share of the time that is left, so that one that swallows packets does not use it all up.

import CPostgres
import Glibc
import Runtime

extension PostgresHandle {
  /// One place to connect to: libpq's keywords for it.
  struct Place: Hashable, Sendable {
    var host = ""
    var hostaddr = ""
    var port = ""
  }

  /// Connects to the first of the server's addresses that takes us.
  static func connect(
    _ settings: PostgresSettings, on loop: EventLoop
  ) async throws(DatabaseError) -> PostgresHandle {
    precondition(loop.isCurrent, "connect on the loop that the connection will live on")
    let deadline = loop.deadline(in: settings.connectTimeout)
    let places = try await places(settings, on: loop)
    var last = DatabaseError.cannotOpen(target: settings.target, reason: "it has no address")
    for (index, place) in places.enumerated() {
      let share = loop.now.advanced(by: deadline.since(loop.now) / (places.count - index))
      do throws(DatabaseError) {
        return try await connect(to: place, settings, on: loop, until: share)
      } catch {
        if error == .cancelled { throw error }
        last = error
      }
    }
    throw last
  }

  /// Where the settings lead: an entry for each address of each host.
  static func places(_ settings: PostgresSettings, on loop: EventLoop) async throws(DatabaseError) -> [Place]
  {
    // A service brings its hosts with it, and libpq alone reads it.
    if settings.parameters["service"] != nil { return [Place()] }
    let hosts = PostgresSettings.list(settings.parameters["host"])
    let addresses = PostgresSettings.list(settings.parameters["hostaddr"])
    let ports = PostgresSettings.list(settings.parameters["port"])
    let count = max(hosts.count, addresses.count)
    for (name, list) in [("host", hosts), ("hostaddr", addresses), ("port", ports)]
    where list.count != count && list != [""] && !(name == "port" && list.count == 1) {
      throw .cannotOpen(
        target: settings.target, reason: "\(list.count) values of \(name) do not match \(count) hosts")
    }
    var places: [Place] = []
    for index in 0..<count {
      let place = Place(
        host: index < hosts.count ? hosts[index] : "",
        hostaddr: index < addresses.count ? addresses[index] : "",
        port: ports.count == 1 ? ports[0] : ports[index])
      if place.host.isEmpty || !place.hostaddr.isEmpty || "/@".contains(place.host.prefix(1)) {
        places.append(place)
        continue
      }
      for address in try await lookUp(place.host, settings, on: loop) {
        places.append(Place(host: place.host, hostaddr: address, port: place.port))
      }
    }
    return places
  }

  private static func lookUp(
    _ host: String, _ settings: PostgresSettings, on loop: EventLoop
  ) async throws(DatabaseError) -> [String] {
    do throws(NetworkError) {
      return try await loop.resolve(host, port: 0).compactMap { address in
        if case .ip(let ip, _) = address { ip.description } else { nil }
      }
    } catch .cancelled {
      throw .cancelled
    } catch .unknownHost(_, let reason) {
      throw .cannotOpen(target: settings.target, reason: "\(host): \(reason)")
    } catch {
      throw .cannotOpen(target: settings.target, reason: "\(host): \(error)")
    }
  }

  private static func connect(
    to place: Place, _ settings: PostgresSettings, on loop: EventLoop, until deadline: MonotonicInstant
  ) async throws(DatabaseError) -> PostgresHandle {
    let handle = try start(settings.connectionParameters(at: place), settings, on: loop)
    do throws(DatabaseError) {
      try await handle.finishConnecting(settings, until: deadline)
      return handle
    } catch {
      handle.close()
      throw error
    }
  }

  private static func start(
    _ parameters: [(String, String)], _ settings: PostgresSettings, on loop: EventLoop
  ) throws(DatabaseError) -> PostgresHandle {
    // libpq copies what it is given.
    let keywords = parameters.map { strdup($0.0) }
    let values = parameters.map { strdup($0.1) }
    defer { for text in keywords + values { free(text) } }
    let connection = PQconnectStartParams(
      keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
    guard let connection else {
      throw .cannotOpen(target: settings.target, reason: "there is no memory for a connection")
    }
    // Without this they are printed. Nothing is done here that would be noteworthy.
    PQsetNoticeReceiver(connection, { _, _ in }, nil)
    // The only way to learn the SQLSTATE of a refusal.
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
    return PostgresHandle(connection, on: loop)
  }

  private func finishConnecting(
    _ settings: PostgresSettings, until deadline: MonotonicInstant
  ) async throws(DatabaseError) {
    // libpq's rule: before the first poll, wait as if it had asked to write.
    var step = PQstatus(connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
    while true {
      switch step {
      case PGRES_POLLING_OK:
        PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
        guard PQsetnonblocking(connection, 1) == 0, PQenterPipelineMode(connection) == 1 else {
          throw .cannotOpen(target: settings.target, reason: complaint)
        }
        return try checkServer(settings)
      case PGRES_POLLING_READING: try await waitForServer(.readable, settings, until: deadline)
      case PGRES_POLLING_WRITING: try await waitForServer(.writable, settings, until: deadline)
      default: throw refusal(settings)
      }
      unwatch()
      step = PQconnectPoll(connection)
    }
  }

  private func waitForServer(
    _ interest: WatchedDescriptor.Interest, _ settings: PostgresSettings, until deadline: MonotonicInstant
  ) async throws(DatabaseError) {
    do throws(NetworkError) {
      try await wait(for: interest, until: deadline)
    } catch .cancelled {
      throw .cancelled
    } catch .timedOut {
      throw .cannotOpen(target: settings.target, reason: "no answer within the time allowed")
    } catch {
      throw .cannotOpen(target: settings.target, reason: "\(error)")
    }
  }

  private func refusal(_ settings: PostgresSettings) -> DatabaseError {
    let (state, reason) = PostgresFailure.refusal(complaint)
    if state == "53300" { return .overloaded(target: settings.target, reason: reason) }
    return .cannotOpen(target: settings.target, reason: state.isEmpty ? reason : "\(reason) (\(state))")
  }

  private func checkServer(_ settings: PostgresSettings) throws(DatabaseError) {
    let encoding = PQparameterStatus(connection, "server_encoding").map { String(cString: $0) } ?? "unknown"
    guard encoding == "UTF8" else {
      throw .cannotOpen(
        target: settings.target, reason: "the database's encoding is \(encoding), and must be UTF8")
    }
    let version = PQserverVersion(connection)
    guard version >= Self.versionMinimum else {
      throw .cannotOpen(
        target: settings.target, reason: "the server is version \(version / 10_000), and must be 12 or newer")
    }
  }

  /// The oldest server that is let pass: whatever is older gets no mending from its makers.
  static let versionMinimum: Int32 = 120_000
}

extension PostgresSettings {
  /// What libpq is told, for one place. What the connection string says comes last, so that it counts.
  func connectionParameters(at place: PostgresHandle.Place) -> [(String, String)] {
    var all: [String: String] = [
      "application_name": Self.applicationName,
      // Would look for tickets in files and on the network, in blocking calls.
      "gssencmode": "disable",
      "keepalives": "1",
      "keepalives_idle": "30",
      "keepalives_interval": "10",
      "keepalives_count": "3",
      "tcp_user_timeout": String(unacknowledgedTimeout.wholeMilliseconds),
    ]
    for (name, value) in parameters { all[name] = value }
    // Not to be changed: values are read as UTF-8, and results as what the settings of the session make them.
    all["client_encoding"] = "UTF8"
    for (name, value) in [("host", place.host), ("hostaddr", place.hostaddr), ("port", place.port)] {
      all[name] = value.isEmpty ? nil : value
    }
    return all.map { ($0.key, $0.value) }
  }
}
