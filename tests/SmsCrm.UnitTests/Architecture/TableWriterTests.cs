using System.Text.RegularExpressions;
using SmsCrm.TestKit;

namespace SmsCrm.UnitTests.Architecture;

/// <summary>
/// Each table has one writing room: the list in docs/ARCHITECTURE.md is held against the SQL in the code, so that neither drifts from
/// the other. Migrations make tables and are exempt.
/// </summary>
public sealed partial class TableWriterTests
{
    private static readonly string Source = Path.Combine(Checkout.Root, "src");

    private static readonly IReadOnlyDictionary<string, string> Writers = ReadWriters();

    [Fact]
    public void Every_table_is_written_by_its_own_room_alone()
    {
        var complaints = SourceFiles().SelectMany(file => Complaints(RoomOf(file), file, File.ReadAllText(file))).ToList();

        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }

    [Fact]
    public void Every_table_of_the_schema_has_a_writer_in_the_document()
    {
        var scripts = Directory.EnumerateFiles(Path.Combine(Source, "SmsCrm.Storage", "Migrations"), "*up.sql", SearchOption.AllDirectories)
            .Select(File.ReadAllText).ToList();
        var tables = scripts.SelectMany(script => CreateTable().Matches(script).Select(match => match.Groups[1].Value)).ToHashSet();
        tables.ExceptWith(scripts.SelectMany(script => DropTable().Matches(script).Select(match => match.Groups[1].Value)));

        Assert.NotEmpty(tables);
        Assert.Empty(tables.Except(Writers.Keys));
        Assert.Empty(Writers.Keys.Except(tables));
    }

    [Theory]
    [InlineData("""const string Sql = "UPDATE messages SET state = 3 WHERE id = $1";""")]
    [InlineData("""const string Sql = "INSERT INTO message_events (message_id) VALUES ($1)";""")]
    [InlineData("""const string Sql = "WITH gone AS (DELETE FROM waiting RETURNING message_id) SELECT 1";""")]
    [InlineData("""const string Sql = "COPY messages (id) FROM STDIN (FORMAT binary)";""")]
    [InlineData("""const string Sql = "TRUNCATE messages";""")]
    public void A_statement_in_another_room_that_writes_the_ledgers_tables_is_reported(string code) =>
        Assert.NotEmpty(Complaints("Pipeline/Waiting", "Violation.cs", code));

    [Fact]
    public void Reading_is_everybodys() =>
        Assert.Empty(Complaints("Reporting", "Query.cs", """const string Sql = "SELECT * FROM messages FOR UPDATE OF m";"""));

    private static IEnumerable<string> Complaints(string room, string file, string text) =>
        from Match match in WritingStatement().Matches(text)
        let table = match.Groups["table"].Value
        where Writers.ContainsKey(table) && Writers[table] != room
        select $"{Path.GetFileName(file)} in {room} has '{match.Value}'; {table} is written by {Writers[table]} (docs/ARCHITECTURE.md)";

    private static IEnumerable<string> SourceFiles() =>
        Directory.EnumerateFiles(Source, "*.*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".sql", StringComparison.Ordinal))
            .Where(file => !Part(file, "Migrations") && !Part(file, "obj") && !Part(file, "bin"));

    private static bool Part(string file, string folder) => file.Split(Path.DirectorySeparatorChar).Contains(folder);

    /// <summary>As the document calls it: the project without its prefix, and the room where the project has rooms.</summary>
    private static string RoomOf(string file)
    {
        var parts = Path.GetRelativePath(Source, file).Split(Path.DirectorySeparatorChar);
        var project = parts[0]["SmsCrm.".Length..];
        return project is "Pipeline" or "Crm" && parts.Length > 2 ? $"{project}/{parts[1]}" : project;
    }

    private static Dictionary<string, string> ReadWriters()
    {
        var document = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "ARCHITECTURE.md"));
        var section = document[document.IndexOf("## Who writes which table", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", 1, StringComparison.Ordinal)];
        return (from Match row in TableRow().Matches(section)
                from Match table in Quoted().Matches(row.Groups[1].Value)
                select (Table: table.Groups[1].Value, Room: row.Groups[2].Value)).ToDictionary(entry => entry.Table, entry => entry.Room);
    }

    [GeneratedRegex(@"DROP TABLE (\w+);")]
    private static partial Regex DropTable();

    [GeneratedRegex(@"CREATE TABLE (?:IF NOT EXISTS )?(\w+) ")]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"(?:INSERT\s+INTO|(?<!FOR\s)(?<!DO\s)(?<!NO KEY\s)UPDATE(?:\s+ONLY)?|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|COPY)\s+(?<table>[a-z_]+)")]
    private static partial Regex WritingStatement();

    [GeneratedRegex(@"^\| (`.*`.*?) \| `([^`]+)` *\|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Quoted();
}
