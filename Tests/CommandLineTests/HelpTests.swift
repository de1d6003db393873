import CommandLine
import Testing

@Suite("Help pages") struct HelpTests {
  @Test func aCommandsPageSaysEverythingAboutIt() throws {
    let expected = """
      Usage: varve config show [OPTIONS]

      Print the effective configuration. Every key is printed with its value and where
      that came from. Secrets are masked.

      Options:
        -c, --config PATH           The configuration file. (or VARVE_CONFIG)
            --set KEY=VALUE         Sets a key of the configuration. (may be repeated)
        -f, --format table|yaml|json
                                    How to print it. (one of table, yaml, json;
                                    default: table)
        -q, --quiet                 Leaves out defaults.
            --[no-]pager            Shows it page by page. (default: on)
            --color WHEN            When to use colour. (one of auto, always, never;
                                    default: auto)
        -h, --help                  Show this page.
            --version               Show the version.

      Environment:
        VARVE_CONFIG   Stands in for --config.
        VARVE_ANY_KEY  Sets a key.
        NO_COLOR       If not empty, colour is off unless --color always.

      Examples:
        varve config show --format yaml
            Prints a file that could be loaded again.

      Exit codes:
        0   success
        64  wrong arguments
        78  wrong configuration

      """
    #expect(try #require(fixture.helpPage(["config", "show"])).text(width: 80) == expected)
  }

  @Test func aGroupsPageListsItsCommandsAndAllExitCodes() throws {
    let expected = """
      Usage: varve COMMAND [OPTIONS]

      An event-sourced store. It keeps everything.

      Commands:
        config       Check and print the configuration.
        copy         Copy files.
        crash        Fail in an unexpected way.
        completions  Print the script that completes command lines in a shell.

      Options:
            --color WHEN  When to use colour. (one of auto, always, never; default:
                          auto)
        -h, --help        Show this page.
            --version     Show the version.

      Environment:
        VARVE_ANY_KEY  Sets a key.
        NO_COLOR       If not empty, colour is off unless --color always.

      Exit codes:
        0   success
        64  wrong arguments
        65  wrong or damaged input data
        69  something needed cannot be reached
        70  a defect of the program
        73  an output file cannot be created
        74  reading or writing failed
        75  a passing failure, try again later
        77  not permitted
        78  wrong configuration

      See varve COMMAND --help for each command.

      """
    #expect(try #require(fixture.helpPage([])).text(width: 80) == expected)
  }

  @Test func usageShowsRequiredOptionsAndPositionals() throws {
    let text = try #require(fixture.helpPage(["copy"])).text(width: 80)
    #expect(text.hasPrefix("Usage: varve copy --password N [OPTIONS] FROM TO...\n"))
    #expect(text.contains("\n      --password N  A digit. (an integer from 1 to 9; required; or\n"))
    #expect(text.contains("\nArguments:\n  FROM  What to copy.\n  TO    Where to.\n"))
  }

  @Test(arguments: [1, 40, 60, 80, 100, 100_000] as [Int])
  func linesKeepToTheWidth(width: Int) throws {
    let allowed = min(max(width, CommandLineLimits.helpWidthMinimum), CommandLineLimits.helpWidthMaximum)
    for names in [[], ["config"], ["config", "show"], ["copy"], ["crash"], ["completions"]] {
      let lines = try #require(fixture.helpPage(names)).text(width: width).split(separator: "\n")
      // An example's command line is never wrapped: it is there to be copied.
      for line in lines where line.count > allowed {
        #expect(line.hasPrefix("  varve ") || line.hasPrefix("  source "), "\(line)")
      }
    }
  }

  @Test func headingsStandOutInColour() throws {
    let text = try #require(fixture.helpPage(["copy"])).text(width: 80, hasColor: true)
    #expect(text.hasPrefix("\u{1B}[1mUsage:\u{1B}[0m varve copy"))
    #expect(text.contains("\n\u{1B}[1mOptions:\u{1B}[0m\n"))
  }

  @Test func anUnknownCommandHasNoPage() {
    #expect(fixture.helpPage(["nothing"]).map { $0.text(width: 80) } == nil)
  }
}
