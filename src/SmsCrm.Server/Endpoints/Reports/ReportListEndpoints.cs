using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Reporting.Exports;
using SmsCrm.Reporting.Reports;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace SmsCrm.Server.Endpoints.Reports;

/// <summary>Every report of <see cref="ReportList"/> over REST, as JSON or CSV, and the export of messages.</summary>
internal static class ReportListEndpoints
{
    private const int DefaultLines = 100;
    private const int MostLines = 1_000;

    public static void MapReportList(this IEndpointRouteBuilder app)
    {
        var reports = app.MapGroup("/v1/reports").RequireAuthorization(AccessPolicies.Tenant).WithTags("Reports")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        foreach (var report in ReportList.All)
        {
            reports.MapGet(report.Name, (HttpContext context, ReportAnswers answers, string? from, string? to, string? compare, string? campaign_id, string? limit, string? format) =>
                    answers.AnswerAsync(context, report, from, to, compare, campaign_id, limit, format))
                .WithName($"GetReport{report.Name.Replace("-", "", StringComparison.Ordinal)}").WithSummary(report.Summary).WithDescription(Description(report))
                .Produces<ReportView>(StatusCodes.Status200OK, "application/json", CsvAnswer.MediaType)
                .Produces(StatusCodes.Status304NotModified).ProducesProblem(StatusCodes.Status429TooManyRequests);
        }

        reports.MapGet("messages", (HttpContext context, ReportAnswers answers, string? from, string? to, string? campaign_id, string? state, string? format) =>
                answers.ExportMessagesAsync(context, from, to, campaign_id, state, format))
            .WithName("ExportMessages").WithSummary("Exports messages as CSV, oldest first")
            .WithDescription(
                $"All that were accepted on the tenant's own days from..to (default the last 7, at most {Report.MostDays}). Always CSV, however long; read page by page, so "
                + "a message is told as it stood when its page was read.")
            .Produces<string>(StatusCodes.Status200OK, CsvAnswer.MediaType).ProducesProblem(StatusCodes.Status429TooManyRequests);
    }

    private static string Description(Report report) =>
        $"from and to are days of the tenant's time zone{(report.ByStretch ? "" : $", {report.DaysOf}")}, by default the last 7, at most {report.MaxDays}. "
        + "compare=previous adds the range of as many days before"
        + (report.Grain == ReportGrain.LocalHours ? " to the total. " : " to the total and to each line. ")
        + (report.TakesCampaign ? "campaign_id narrows it to one campaign. " : "This report knows no campaigns: campaign_id is refused. ")
        + (report.ByStretch ? "" : $"limit is 1 to {MostLines} lines, default {DefaultLines}; more says whether there are others. ")
        + "Accept: text/csv or format=csv gives every line as CSV. as_of is the moment of the figures; Cache-Control says how long the answer may be kept, "
        + "and If-None-Match with its ETag is answered 304 while the figures are the same.";

    /// <summary>Reads what is asked, and answers it.</summary>
    internal sealed class ReportAnswers(
        ReportQueries queries,
        MessageExport messages,
        TenantStore tenants,
        ReportCache cache,
        ExportSlots exports,
        IOptions<JsonOptions> json,
        TimeProvider clock)
    {
        private const int DefaultDays = 7;

        public async Task<IResult> AnswerAsync(
            HttpContext context, Report report, string? from, string? to, string? compare, string? campaign, string? limit, string? format)
        {
            string[] known = ["from", "to", "compare", "format", .. report.TakesCampaign ? ["campaign_id"] : Array.Empty<string>(), .. report.ByStretch ? [] : new[] { "limit" }];
            var query = new QueryReader(context.Request.Query, known);
            var zone = await ZoneAsync(context);
            var (first, last) = ReportDays.Read(query, from, to, LocalTime.DayAt(clock.GetUtcNow(), zone), DefaultDays, report.MaxDays);
            var asked = new ReportQuery(
                context.Tenant().Id,
                first,
                last,
                query.Compare(compare),
                zone,
                report.TakesCampaign ? query.CampaignId(campaign) : null,
                report.ByStretch ? null : query.Limit(report.ByStretch ? null : limit, DefaultLines, MostLines));
            var asCsv = CsvAnswer.IsAsked(context.Request, query, format);
            if (asCsv && asked.Compare && report.Grain == ReportGrain.LocalHours)
            {
                query.Refuse("compare", compare!, "hours are compared in their total, which a CSV has no line for: leave it out, or ask for json");
            }

            context.Response.Headers.Vary = HeaderNames.Accept;
            return query.HasErrors ? query.Problem()
                : asCsv ? CsvAnswer.Of(exports.Slots, asked.Tenant, $"{report.Name}-{first:yyyy-MM-dd}-{last:yyyy-MM-dd}.csv", queries.ExportAsync(report, asked, context.RequestAborted))
                : await CachedAsync(context, report, asked);
        }

        public async Task<IResult> ExportMessagesAsync(HttpContext context, string? from, string? to, string? campaign, string? state, string? format)
        {
            var query = new QueryReader(context.Request.Query, "from", "to", "campaign_id", "state", "format");
            var zone = await ZoneAsync(context);
            var (first, last) = ReportDays.Read(query, from, to, LocalTime.DayAt(clock.GetUtcNow(), zone), DefaultDays, Report.MostDays);
            var (ofCampaign, inState) = (query.CampaignId(campaign), query.State(state));
            if (format is not (null or "csv"))
            {
                query.Refuse("format", format, "messages are exported as csv alone: leave it out, or read them in pages from /v1/messages");
            }

            if (query.HasErrors)
            {
                return query.Problem();
            }

            var filter = new MessageExportFilter(
                context.Tenant().Id, LocalTime.StartOf(first, zone), LocalTime.StartOf(last.AddDays(1), zone), ofCampaign, inState);
            return CsvAnswer.Of(
                exports.Slots, filter.Tenant, $"messages-{first:yyyy-MM-dd}-{last:yyyy-MM-dd}.csv", messages.ReadAsync(filter, context.RequestAborted));
        }

        private async Task<IResult> CachedAsync(HttpContext context, Report report, ReportQuery asked)
        {
            var options = json.Value.SerializerOptions;
            var found = await cache.GetAsync(
                (asked.Tenant, report.Name, asked with { Zone = TimeZoneInfo.Utc }, asked.Zone.Id),
                async (made, cancellation) =>
                {
                    var view = await queries.ReadAsync(report, asked, cancellation);
                    return CachedReport.Of(
                        JsonSerializer.SerializeToUtf8Bytes(view, options), JsonSerializer.SerializeToUtf8Bytes(view with { AsOf = default }, options), made);
                },
                context.RequestAborted);
            var seconds = Math.Max(0, (int)cache.Left(found).TotalSeconds);
            context.Response.Headers.CacheControl = seconds > 0 ? FormattableString.Invariant($"private, max-age={seconds}") : "private, no-cache";
            context.Response.Headers.ETag = found.Tag;
            return ReportCache.Has(context.Request.Headers.IfNoneMatch, found.Tag)
                ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
                : TypedResults.Bytes(found.Body, "application/json; charset=utf-8");
        }

        private async Task<TimeZoneInfo> ZoneAsync(HttpContext context) =>
            (await tenants.GetAsync(context.Tenant().Id, context.RequestAborted))?.Zone ?? TimeZoneInfo.Utc;
    }
}
