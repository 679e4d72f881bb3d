using System.Globalization;
using System.Text;
using System.Text.Json;
using SmsCrm.Reporting.Ledger;

namespace SmsCrm.Server.Commands;

/// <summary>A verification's verdict, for people and for programs. The last line of the text is the verdict.</summary>
internal static class LedgerReport
{
    private static readonly JsonSerializerOptions Spelling = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Text(LedgerScope scope, LedgerVerdict verdict)
    {
        var text = new StringBuilder();
        foreach (var fault in verdict.Faults)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{fault.Check,-8} {fault.Subject}: {fault.Detail}");
        }

        foreach (var (check, found) in verdict.Found.Where(entry => entry.Value > verdict.Faults.Count(fault => fault.Check == entry.Key)))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{check,-8} {found:N0} in all; not all are named (--most)");
        }

        foreach (var source in verdict.Sources)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{source.Name}: {(source.IsCompared ? $"{source.Looked:N0} looked at, " : "NOT COMPARED: ")}{source.Note}");
        }

        if (scope.Kafka || scope.Provider)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Left out there: what is younger than {scope.Grace.TotalSeconds:N0} s.");
        }

        return text.Append(Verdict(scope, verdict)).ToString();
    }

    public static string Json(LedgerScope scope, LedgerVerdict verdict) => JsonSerializer.Serialize(
        new
        {
            Agrees = verdict.Agrees,
            Verdict = Verdict(scope, verdict),
            scope.Tenant,
            scope.From,
            scope.To,
            GraceSeconds = (long)scope.Grace.TotalSeconds,
            verdict.Messages,
            verdict.TotalFaults,
            verdict.Found,
            verdict.Faults,
            verdict.Sources,
        },
        Spelling);

    private static string Verdict(LedgerScope scope, LedgerVerdict verdict)
    {
        var silent = verdict.Sources.Where(source => !source.IsCompared).Select(source => source.Name).ToList();
        var compared = verdict.Sources.Where(source => source.IsCompared).Select(source => source.Name).Prepend("Postgres");
        return string.Create(CultureInfo.InvariantCulture, $"{verdict.Messages:N0} messages of {scope.From:yyyy-MM-dd} to {scope.To:yyyy-MM-dd} ({string.Join(", ", compared)}): ")
            + (verdict.TotalFaults == 0 ? "all agree" : string.Create(CultureInfo.InvariantCulture, $"{verdict.TotalFaults:N0} do not agree"))
            + (silent.Count == 0 ? "" : $", and {string.Join(" and ", silent)} did not answer");
    }
}
