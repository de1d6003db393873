// What the log costs: durable and cached appends, reading, waking a subscriber and opening, beside bare loops
// over the kernel's calls and beside servers that store records too, in the same run and on the same disk.

import CLogPeer
import Files
import Glibc
import Measure

@main
enum BenchLog {
  static func main() {
    do {
      let arguments = Swift.CommandLine.arguments.dropFirst()
      if arguments.count == 2 && arguments.first == OpenCost.argument {
        return try OpenCost.openHere(FilePath(arguments[2]))
      }
      try run(Options(arguments))
    } catch {
      print("bench-log: \(error)")
      exit(1)
    }
  }

  private static func run(_ options: Options) throws {
    let parent = options.directory
    if log_peer_is_memory(parent.string) != 0 {
      throw BenchmarkFailure("\(parent) is in memory, where a sync costs nothing; name a disk with --dir")
    }
    reportLoad()
    let files = LocalFiles()
    let directory = try files.createTemporaryDirectory(in: parent, prefix: ".build-bench-log-")
    let result = Result {
      for part in options.parts {
        switch part {
        case .durable: try DurableAppends(options, directory).run()
        case .cached: try CachedAppends(options, directory).run()
        case .read: try SequentialReads(options, directory).run()
        case .wake: try SubscriberWakes(options, directory).run()
        case .open: try OpenCost(options, directory).run()
        }
      }
    }
    try files.removeTree(directory)
    try result.get()
  }

  /// Says how busy the machine was with other work: on a busy one, a sync takes as long as its completion waits
  /// for a core.
  private static func reportLoad() {
    var load = 0.0
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    guard getloadavg(&load, 1) == 1, cores > 0 else { return }
    let isBusy = load > Double(cores) / 2
    print(
      "Load of the last minute: \(rounded(load)) on \(cores) cores\(isBusy ? ", too much to compare" : "").")
  }
}
