// How the node stops.

import Configuration

/// How the node stops.
struct ShutdownConfiguration: ConfigurationSection {
  var deadline = Duration.seconds(30)

  static func declare(_ section: inout SectionDeclaration<Self>) {
    section.key(
      "deadline", \.deadline, .duration(.milliseconds(100) ... .seconds(3600)),
      "How long requests in flight may take after SIGTERM before they are cut; a second signal cuts them at once."
    )
  }
}
