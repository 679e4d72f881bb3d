using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Server.Endpoints.Ingest;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>Reads a query string and gathers every error, each naming the parameter, its value and the remedy. A name that is not known is an error: a filter that is ignored would tell a lie.</summary>
internal sealed class QueryReader
{
    private const int ShownLength = 100;
    private const int FirstYear = 2000;
    private const int LastYear = 9000;

    private static readonly Dictionary<string, MessageState> States =
        Enum.GetValues<MessageState>().Where(state => state != MessageState.None).ToDictionary(state => state.Code());

    private readonly List<FieldErrorJson> _errors = [];

    public QueryReader(IQueryCollection query, params string[] known)
    {
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name))
            {
                Refuse(name, values.ToString(), known.Length == 0 ? "there are no parameters here: leave it out" : $"this list knows only {string.Join(", ", known)}");
            }
            else if (values.Count > 1)
            {
                Refuse(name, values.ToString(), "give it once");
            }
        }
    }

    public IReadOnlyList<FieldErrorJson> Errors => _errors;

    public bool HasErrors => _errors.Count > 0;

    /// <summary>A problem document with every error.</summary>
    public ProblemHttpResult Problem() => TypedResults.Problem(
        _errors.Count == 1 ? "One parameter is wrong." : $"{_errors.Count} parameters are wrong.",
        statusCode: StatusCodes.Status400BadRequest,
        title: "Invalid query",
        type: "about:blank",
        extensions: new Dictionary<string, object?> { ["errors"] = _errors });

    public void Refuse(string name, string value, string remedy)
    {
        var shown = value.Length <= ShownLength ? value : string.Concat(value.AsSpan(0, ShownLength), "...");
        _errors.Add(new FieldErrorJson(name, $"is '{shown}': {remedy}"));
    }

    /// <summary>The tenant that is asked for: a tenant's key has its own, an operator's key names one.</summary>
    /// <param name="own">Null: the caller is an operator.</param>
    public TenantId Tenant(string? value, TenantId? own)
    {
        if (value is null)
        {
            if (own is null)
            {
                Refuse("tenant_id", "", "an operator's key names the tenant: add tenant_id");
            }

            return own ?? default;
        }

        if (!Guid.TryParseExact(value, "D", out var id))
        {
            Refuse("tenant_id", value, "it is a tenant's id, such as 019aa000-0000-7000-8000-000000000001");
        }
        else if (own is not null && own.Value.Value != id)
        {
            Refuse("tenant_id", value, "a tenant's key reads its own ledger only: leave it out, or use an operator's key");
        }

        return own ?? new TenantId(id);
    }

    public string? CampaignId(string? value)
    {
        if (value is not null && CampaignIds.Wrong(value) is { } wrong)
        {
            Refuse("campaign_id", value, wrong);
            return null;
        }

        return value;
    }

    public MessageState? State(string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (States.TryGetValue(value, out var state))
        {
            return state;
        }

        Refuse("state", value, $"it is one of {string.Join(", ", States.Keys)}");
        return null;
    }

    public PhoneNumber? Recipient(string? value)
    {
        if (value is null)
        {
            return null;
        }

        // An unescaped plus sign of a query string is a space.
        if (PhoneNumber.TryParseE164(value.StartsWith(' ') ? string.Concat("+", value.AsSpan(1)) : value, out var number))
        {
            return number;
        }

        Refuse("recipient", value, "it is a number in E.164, such as +12125550123 (%2B12125550123 in a URL)");
        return null;
    }

    public int Limit(string? value, int otherwise, int most)
    {
        if (value is null)
        {
            return otherwise;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit >= 1 && limit <= most)
        {
            return limit;
        }

        Refuse("limit", value, string.Create(CultureInfo.InvariantCulture, $"it is a whole number from 1 to {most}"));
        return otherwise;
    }

    public DateOnly? Day(string name, string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (!DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
        {
            Refuse(name, value, "it is a day of the tenant's time zone, such as 2026-11-25");
            return null;
        }

        // Room on both sides, for the range before and the day after.
        if (day.Year is < FirstYear or > LastYear)
        {
            Refuse(name, value, FormattableString.Invariant($"it is a day of the years {FirstYear} to {LastYear}"));
            return null;
        }

        return day;
    }

    /// <summary>Whether the range before is asked for.</summary>
    public bool Compare(string? value)
    {
        if (value is not (null or "previous"))
        {
            Refuse("compare", value, "it is 'previous' (the range of as many days before), or is left out");
        }

        return value == "previous";
    }
}
