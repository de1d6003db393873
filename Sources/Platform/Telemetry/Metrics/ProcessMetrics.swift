// What the kernel says about this process, under the names every Prometheus client uses. Read from /proc
// once a scrape; a figure that cannot be read is left out of that scrape, never made up.

import Glibc
import Runtime

/// The process's own metrics: memory, CPU time, descriptors, threads, start.
public struct ProcessMetrics: Sendable {
  /// One reading. What could not be read is nil.
  struct Reading: Equatable {
    var residentBytes: Double?
    var virtualBytes: Double?
    var cpuSeconds: Double?
    var threads: Double?
    var startSeconds: Double?
    var openDescriptors: Double?
    var descriptorsMaximum: Double?
  }

  /// Registers the metrics; they are read from `proc` at each scrape.
  @discardableResult
  public init(registry: MetricRegistry, proc: String = "/proc") {
    let latest = Locked(Reading())
    registry.beforeScrape {
      let reading = Self.read(proc: proc)
      latest.withLock { $0 = reading }
    }
    registry.gauge("process_resident_memory_bytes", help: "Memory of the process that is in RAM.") {
      latest.withLock { $0.residentBytes }
    }
    registry.gauge("process_virtual_memory_bytes", help: "Address space of the process.") {
      latest.withLock { $0.virtualBytes }
    }
    registry.counter("process_cpu_seconds_total", help: "CPU time spent, user and system.") {
      latest.withLock { $0.cpuSeconds }
    }
    registry.gauge("process_threads", help: "Threads of the process.") {
      latest.withLock { $0.threads }
    }
    registry.gauge("process_start_time_seconds", help: "When the process started, in seconds since 1970.") {
      latest.withLock { $0.startSeconds }
    }
    registry.gauge("process_open_fds", help: "Open file descriptors.") {
      latest.withLock { $0.openDescriptors }
    }
    registry.gauge("process_max_fds", help: "How many descriptors the process may open.") {
      latest.withLock { $0.descriptorsMaximum }
    }
  }

  static func read(proc: String) -> Reading {
    var reading = Reading()
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    if let stat = contents("\(proc)/self/stat") {
      // The command name, in parentheses, may hold spaces and parentheses of its own: count after the last.
      let fields = stat.suffix(from: stat.lastIndex(of: ")").map(stat.index(after:)) ?? stat.startIndex)
        .split(separator: " ").map { Double($0) }
      // proc(5) numbers fields from 1 with the state third; here the state is number 0.
      func field(_ number: Int) -> Double? { number - 3 < fields.count ? fields[number - 3] : nil }
      if let user = field(14), let system = field(15) { reading.cpuSeconds = (user + system) / ticks }
      reading.threads = field(20)
      if let started = field(22), let boot = bootSeconds(proc) {
        reading.startSeconds = boot + started / ticks
      }
      reading.virtualBytes = field(23)
      reading.residentBytes = field(24).map { $0 * Double(sysconf(Int32(_SC_PAGESIZE))) }
    }
    reading.openDescriptors = openDescriptors("\(proc)/self/fd")
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      reading.descriptorsMaximum = Double(limit.rlim_cur)
    }
    return reading
  }

  private static func bootSeconds(_ proc: String) -> Double? {
    contents("\(proc)/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
      .flatMap { Double($0.dropFirst("btime ".count)) }
  }

  /// The entries of the folder, without the two every folder has and the descriptor that reads it.
  private static func openDescriptors(_ path: String) -> Double? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return Double(max(0, count - 3))
  }

  /// The start of a file of /proc; /proc/stat is long on large machines, and btime comes after the CPUs.
  private static func contents(_ path: String) -> String? {
    let bytesMaximum = 1 << 20
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    while bytes.count < bytesMaximum {
      let part = [UInt8](unsafeUninitializedCapacity: 16 << 10) { room, count in
        count = max(0, Glibc.read(descriptor, room.baseAddress, room.count))
      }
      if part.isEmpty { break }
      bytes += part
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
