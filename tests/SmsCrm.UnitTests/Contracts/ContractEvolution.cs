using System.Globalization;

namespace SmsCrm.UnitTests.Contracts;

/// <summary>The rules of docs/contracts.md: what a contract may not do to those who know its baseline.</summary>
public static class ContractEvolution
{
    /// <summary>Every violation, as a sentence.</summary>
    public static IReadOnlyList<string> Violations(ContractShape baseline, ContractShape current) =>
        [.. FieldViolations(baseline, current), .. ReservedViolations(baseline, current), .. ValueViolations(baseline, current), .. MethodViolations(baseline, current)];

    private static IEnumerable<string> FieldViolations(ContractShape baseline, ContractShape current)
    {
        foreach (var (message, fields) in baseline.Fields)
        {
            if (!current.Fields.TryGetValue(message, out var now))
            {
                yield return $"{message} was removed: records and clients that know it stay.";
                continue;
            }

            var reserved = current.Reserved.GetValueOrDefault(message) ?? [];
            foreach (var (number, field) in fields)
            {
                if (now.TryGetValue(number, out var other))
                {
                    if (other != field)
                    {
                        yield return Text($"{message}: {number} was '{field}' and is '{other}' now: a number keeps its name and its type; take a new number and reserve this one.");
                    }
                }
                else if (!reserved.Contains(number))
                {
                    yield return Text($"{message}: {number} ('{field}') was removed without 'reserved {number};'.");
                }
            }
        }
    }

    private static IEnumerable<string> ReservedViolations(ContractShape baseline, ContractShape current)
    {
        foreach (var (message, numbers) in baseline.Reserved)
        {
            var reserved = current.Reserved.GetValueOrDefault(message) ?? [];
            foreach (var number in numbers.Where(n => !reserved.Contains(n) && current.Fields.ContainsKey(message)))
            {
                yield return Text($"{message}: {number} is no longer reserved: whoever had it may still send it.");
            }
        }
    }

    private static IEnumerable<string> ValueViolations(ContractShape baseline, ContractShape current)
    {
        foreach (var (name, values) in baseline.Values)
        {
            if (!current.Values.TryGetValue(name, out var now))
            {
                yield return $"{name} was removed.";
                continue;
            }

            foreach (var (number, value) in values)
            {
                if (now.GetValueOrDefault(number) != value)
                {
                    yield return Text($"{name}: {number} was {value} and is {now.GetValueOrDefault(number) ?? "gone"} now: a value keeps its number and its name.");
                }
            }
        }
    }

    private static IEnumerable<string> MethodViolations(ContractShape baseline, ContractShape current)
    {
        foreach (var (name, signature) in baseline.Methods)
        {
            if (current.Methods.GetValueOrDefault(name) is not { } now)
            {
                yield return $"{name} was removed: answer UNIMPLEMENTED with a sentence instead.";
            }
            else if (now != signature)
            {
                yield return $"{name} was '{signature}' and is '{now}' now: make a new method.";
            }
        }
    }

    private static string Text(FormattableString sentence) => sentence.ToString(CultureInfo.InvariantCulture);
}
