using System.Globalization;
using System.Xml.Linq;

/// What the TRX files and the coverage report of one test run say.
public sealed class TestSummary
{
    private const string Embedded = "_on_the_embedded_broker";
    private const string Real = "_on_a_real_broker";

    private readonly List<(string Name, string ClassName, string Outcome, string Reason)> tests;
    private readonly string coverage;
    private readonly string kafkaHome;

    private TestSummary(List<(string, string, string, string)> tests, string coverage, string kafkaHome)
    {
        this.tests = tests;
        this.coverage = coverage;
        this.kafkaHome = kafkaHome;
    }

    public int Passed => Count("", "Passed");

    /// With a real broker at hand a skipped test of it hides a fault.
    public int Failed => tests.Count(test => !Is(test.Outcome, "Passed") && !IsSkip(test)) + ForbiddenSkips.Count();

    public int Skipped => tests.Count(IsSkip) - ForbiddenSkips.Count();

    public string ClosingLine => FormattableString.Invariant($"{Passed} passed, {Failed} failed") + (Skipped > 0 ? FormattableString.Invariant($", {Skipped} skipped") : "");

    private IEnumerable<(string Name, string ClassName, string Outcome, string Reason)> ForbiddenSkips =>
        tests.Where(test => IsSkip(test) && test.ClassName.EndsWith(Real) && !string.IsNullOrEmpty(kafkaHome));

    public static TestSummary Read(string folder, string kafkaHome)
    {
        var tests = System.IO.Directory.EnumerateFiles(folder, "*.trx").SelectMany(ReadTrx).ToList();
        var report = System.IO.Path.Combine(folder, "coverage", "Summary.txt");
        var line = System.IO.File.Exists(report)
            ? System.IO.File.ReadLines(report).FirstOrDefault(text => text.Trim().StartsWith("Line coverage:"))
            : null;
        return new TestSummary(tests, line is null ? "unknown" : line.Split(':')[1].Trim(), kafkaHome);
    }

    /// dotnet test failed without a failed test in the files: an assembly crashed or never began.
    public void CountUnfinishedAssembly(int exitCode) => tests.Add(
        ("(an assembly of tests)", "", "Aborted", FormattableString.Invariant($"dotnet test ended with code {exitCode}; its output is above")));

    public void Print()
    {
        foreach (var test in tests.Where(test => !Is(test.Outcome, "Passed") && !IsSkip(test)))
        {
            Console.WriteLine("FAILED   " + test.Name + ": " + test.Reason);
        }

        foreach (var test in ForbiddenSkips)
        {
            Console.WriteLine("FAILED   " + test.Name + ": skipped although KAFKA_HOME is set: " + test.Reason);
        }

        foreach (var group in tests.Where(IsSkip).Except(ForbiddenSkips).GroupBy(test => test.Reason))
        {
            Console.WriteLine("skipped  " + group.Count() + ": " + group.Key + " (" + string.Join(", ", group.Select(test => test.Name).Take(3)) + (group.Count() > 3 ? ", ..." : "") + ")");
        }

        Console.WriteLine("brokers  embedded: " + Counts(Embedded) + "; real" + (string.IsNullOrEmpty(kafkaHome) ? " (KAFKA_HOME is not set): " : " (" + kafkaHome + "): ") + Counts(Real));
        Console.WriteLine("line coverage " + coverage + " (what runs in child processes, the server of the end-to-end tests above all, is not counted)");
    }

    private string Counts(string suffix) => FormattableString.Invariant(
        $"{Count(suffix, "Passed")} passed, {tests.Count(test => test.ClassName.EndsWith(suffix) && !Is(test.Outcome, "Passed") && !IsSkip(test))} failed, {tests.Count(test => test.ClassName.EndsWith(suffix) && IsSkip(test))} skipped");

    private int Count(string suffix, string outcome) => tests.Count(test => test.ClassName.EndsWith(suffix) && Is(test.Outcome, outcome));

    private static bool Is(string outcome, string name) => string.Equals(outcome, name, StringComparison.OrdinalIgnoreCase);

    private static bool IsSkip((string Name, string ClassName, string Outcome, string Reason) test) => Is(test.Outcome, "NotExecuted");

    private static IEnumerable<(string, string, string, string)> ReadTrx(string file)
    {
        var document = XDocument.Load(file);
        var ns = document.Root.GetDefaultNamespace();
        var classes = document.Descendants(ns + "UnitTest").ToDictionary(
            test => (string)test.Attribute("id"),
            test => (string)test.Element(ns + "TestMethod")?.Attribute("className") ?? "");
        foreach (var result in document.Descendants(ns + "UnitTestResult"))
        {
            var reason = result.Descendants(ns + "Message").FirstOrDefault()?.Value
                ?? result.Descendants(ns + "StdOut").FirstOrDefault()?.Value
                ?? "no reason given";
            yield return ((string)result.Attribute("testName"), classes.GetValueOrDefault((string)result.Attribute("testId"), ""),
                (string)result.Attribute("outcome"), reason.Split('\n')[0].Trim());
        }
    }
}
