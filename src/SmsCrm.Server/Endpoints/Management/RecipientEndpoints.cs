using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Suppression;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>What a tenant records of its recipients: opt-outs, consent with its evidence, and where they are.</summary>
internal static partial class RecipientEndpoints
{
    private const int SourceLength = 100;
    private const int WordingLength = 2_000;

    public static void MapRecipients(this IEndpointRouteBuilder app)
    {
        var recipients = app.MapGroup("/v1/recipients/{number}").RequireAuthorization(AccessPolicies.Tenant).WithTags("Recipients")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        recipients.MapPost("/suppress", SuppressAsync).WithName("SuppressRecipient").WithSummary("Nothing is sent to this number any more")
            .WithDescription("Answered 2.1 s after it was recorded: from then on no message to the number can leave.");
        recipients.MapPost("/unsuppress", LiftAsync).WithName("UnsuppressRecipient").WithSummary("Lifts an opt-out, for what is accepted from now on");
        recipients.MapPut("/consent", ConsentAsync).WithName("PutConsent").WithSummary("Records a yes or a no to a purpose, with its source and time");
        recipients.MapPut("/whereabouts", WhereaboutsAsync).WithName("PutWhereabouts").WithSummary("Records the time zone and the postal state");
    }

    public static ProblemHttpResult BadNumber(string number) =>
        ManagementJson.Invalid($"number is '{ForeignText.Cut(number, 40)}': use E.164, such as +14155550123.");

    private static async Task<IResult> SuppressAsync(string number, HttpContext context, SuppressionList suppressions, CancellationToken cancellation)
    {
        if (!PhoneNumber.TryParseE164(number, out var recipient))
        {
            return BadNumber(number);
        }

        var acknowledgement = await suppressions.SuppressAsync(context.Tenant().Id, recipient, By(context, "api", null), cancellation);
        await acknowledgement.MayBeToldAsync(cancellation);
        return Results.Ok(new RecipientStateJson(recipient.ToString(), "suppressed"));
    }

    private static async Task<IResult> LiftAsync(
        string number, HttpContext context, SuppressionList suppressions, TimeProvider time, CancellationToken cancellation)
    {
        if (!PhoneNumber.TryParseE164(number, out var recipient))
        {
            return BadNumber(number);
        }

        var lifted = await suppressions.LiftAsync(context.Tenant().Id, recipient, time.GetUtcNow(), By(context, "api", null), cancellation);
        return Results.Ok(new RecipientStateJson(recipient.ToString(), lifted ? "lifted" : "not_suppressed"));
    }

    private static async Task<IResult> ConsentAsync(
        string number, HttpContext context, RecipientRecords records, TimeProvider time, CancellationToken cancellation)
    {
        if (!PhoneNumber.TryParseE164(number, out var recipient))
        {
            return BadNumber(number);
        }

        var (body, problem) = await ManagementJson.ReadAsync<ConsentJson>(context, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (Errors(body!, time.GetUtcNow()) is { Count: > 0 } errors)
        {
            return ManagementJson.Invalid(errors);
        }

        var acknowledgement = await records.SetConsentAsync(
            context.Tenant().Id, recipient, body!.Purpose, body.Given, body.At, By(context, body.Source, body.Wording), cancellation);
        if (!body.Given)
        {
            await acknowledgement.MayBeToldAsync(cancellation);
        }

        return Results.Ok(new RecipientStateJson(recipient.ToString(), body.Given ? "given" : "revoked"));
    }

    private static async Task<IResult> WhereaboutsAsync(string number, HttpContext context, RecipientRecords records, CancellationToken cancellation)
    {
        if (!PhoneNumber.TryParseE164(number, out var recipient))
        {
            return BadNumber(number);
        }

        var (body, problem) = await ManagementJson.ReadAsync<WhereaboutsJson>(context, cancellation);
        if (problem is not null)
        {
            return problem;
        }

        if (body!.TimeZone is { } zone && (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) || !found.HasIanaId))
        {
            return ManagementJson.Invalid($"time_zone is '{zone}': give an IANA zone, such as America/Chicago.");
        }

        if (body.Region is { } region && !SubdivisionCode().IsMatch(region))
        {
            return ManagementJson.Invalid($"region is '{region}': give an ISO 3166-2 code, such as US-TX.");
        }

        await records.SetWhereaboutsAsync(context.Tenant().Id, recipient, body.TimeZone, body.Region, cancellation);
        return Results.Ok(new RecipientStateJson(recipient.ToString(), "recorded"));
    }

    private static List<string> Errors(ConsentJson body, DateTimeOffset now)
    {
        var errors = new List<string>();
        if (body.Source.Length is 0 or > SourceLength)
        {
            errors.Add($"source has {body.Source.Length} characters: say where the consent is from in 1 to {SourceLength}.");
        }

        if (body.Wording?.Length > WordingLength)
        {
            errors.Add($"wording has {body.Wording.Length} characters: it has up to {WordingLength}.");
        }

        if (body.At > now.AddMinutes(5))
        {
            errors.Add($"at is {body.At:O}: it must not be in the future.");
        }

        return errors;
    }

    /// <summary>ISO 3166-2: what else stands there would match no rule, and so let a text go.</summary>
    [GeneratedRegex(@"^[A-Z]{2}-[A-Z0-9]{1,3}\z")]
    private static partial Regex SubdivisionCode();

    private static RecipientChange By(HttpContext context, string source, string? wording) => new(source, context.ApiCaller().KeyName, wording);
}

/// <param name="Given">False: withdrawn.</param>
/// <param name="At">When it was said.</param>
/// <param name="Source">Where it is from: a form's name, a paper, a call; 1 to 100 characters.</param>
/// <param name="Wording">What was agreed to; up to 2,000 characters.</param>
internal sealed record ConsentJson(Purpose Purpose, bool Given, DateTimeOffset At, string Source, string? Wording = null);

/// <param name="TimeZone">IANA; null: not known.</param>
/// <param name="Region">ISO 3166-2; null: not known.</param>
internal sealed record WhereaboutsJson(string? TimeZone = null, string? Region = null);

internal sealed record RecipientStateJson(string Number, string State);
