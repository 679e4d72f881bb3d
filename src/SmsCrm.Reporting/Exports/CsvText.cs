using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace SmsCrm.Reporting.Exports;

/// <summary>
/// Lines of RFC 4180. A field that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection); plain numbers,
/// phone numbers in E.164 among them, are none.
/// </summary>
public static partial class CsvText
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    public static string Line(IEnumerable<string> fields)
    {
        var line = new StringBuilder();
        foreach (var field in fields)
        {
            if (line.Length > 0)
            {
                line.Append(',');
            }

            Append(line, IsFormula(field) ? $"'{field}" : field);
        }

        return line.Append("\r\n").ToString();
    }

    private static void Append(StringBuilder line, string field)
    {
        // An empty first field is quoted too, so that the next one's comma is not mistaken for the line's start.
        if (field.Length > 0 && !field.AsSpan().ContainsAny(Quoted))
        {
            line.Append(field);
        }
        else
        {
            line.Append('"').Append(field.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }
    }

    private static bool IsFormula(string field) => field.Length > 0 && (field[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n') && !PlainNumber().IsMatch(field);

    [GeneratedRegex(@"^[+-]?[0-9]+(\.[0-9]+)?$")]
    private static partial Regex PlainNumber();
}
