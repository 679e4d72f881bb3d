using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>A tenant's own senders and pools, and its provider accounts as it may see them.</summary>
internal static class SenderEndpoints
{
    public static void MapSenders(this IEndpointRouteBuilder app)
    {
        var v1 = app.MapGroup("/v1").RequireAuthorization(AccessPolicies.Tenant).WithTags("Senders")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized);
        v1.MapGet("/accounts", ListAccountsAsync).WithName("ListAccounts").WithSummary("The provider accounts, without their secrets");
        v1.MapGet("/senders", ListSendersAsync).WithName("ListSenders").WithSummary("Numbers, short codes and names to send from, by pool");
        v1.MapPost("/senders", CreateAsync).WithName("CreateSender").WithSummary("Adds a sender to a pool");
        v1.MapPut("/senders/{id:guid}", UpdateAsync).WithName("PutSender").ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict).WithSummary("Replaces what may be changed of a sender: pool, rate, weight, countries, block")
            .WithDescription("With a blocked_reason it is out of its pool until it is put without one. version (query) is the one that was read; 0 changes whatever is there.");
    }

    private static async Task<IResult> ListAccountsAsync(HttpContext context, AccountStore accounts, CancellationToken cancellation) =>
        Results.Ok(new AccountListJson([.. (await accounts.ListAsync(context.Tenant().Id, cancellation)).Select(AccountJson.Of)]));

    private static async Task<IResult> ListSendersAsync(HttpContext context, SenderStore senders, CancellationToken cancellation) =>
        Results.Ok(new SenderListJson([.. (await senders.ListAsync(context.Tenant().Id, cancellation)).Select(SenderJson.Of)]));

    private static async Task<IResult> CreateAsync(HttpContext context, SenderStore senders, CancellationToken cancellation)
    {
        var (body, problem) = await ManagementJson.ReadAsync<NewSenderJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await senders.CreateAsync(context.Tenant().Id, body!.ToSettings(), context.ApiCaller().KeyName, cancellation),
            SenderJson.Of,
            static sender => $"/v1/senders/{sender.Id}");
    }

    private static async Task<IResult> UpdateAsync(Guid id, HttpContext context, SenderStore senders, CancellationToken cancellation, long version = 0)
    {
        var (body, problem) = await ManagementJson.ReadAsync<SenderChangeJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await senders.UpdateAsync(context.Tenant().Id, id, version, body!.ToChange(), context.ApiCaller().KeyName, cancellation), SenderJson.Of);
    }
}

/// <param name="State"><c>active</c> or <c>halted</c>.</param>
/// <param name="Weight">Share of the tenant's traffic; 0: only when no other account can.</param>
/// <param name="PreviousTokenUntil">Until when callbacks signed with the token before the last change are good.</param>
internal sealed record AccountJson(
    Guid Id, string Name, string AccountSid, string BaseAddress, int SegmentsPerSecond, int MaxConcurrency, int Weight, string State, string? HaltedReason,
    DateTimeOffset? PreviousTokenUntil, long Version)
{
    public static AccountJson Of(Account account) => new(
        account.Id, account.Name, account.AccountSid, account.BaseAddress, account.SegmentsPerSecond, account.MaxConcurrency, account.Weight,
        account.IsHalted ? "halted" : "active", account.HaltedReason, account.PreviousTokenUntil, account.Version);
}

internal sealed record AccountListJson(IReadOnlyList<AccountJson> Accounts);

/// <param name="Kind"><c>long_code</c>, <c>toll_free</c>, <c>short_code</c> or <c>alphanumeric</c>.</param>
/// <param name="State"><c>active</c> or <c>blocked</c>.</param>
internal sealed record SenderJson(
    Guid Id, Guid AccountId, string Address, string Kind, string Pool, int SegmentsPerSecond, int Weight, IReadOnlyList<string> Countries, string State,
    string? BlockedReason, long Version)
{
    public static SenderJson Of(SenderInfo sender) => new(
        sender.Id, sender.AccountId, sender.Address, SenderSettings.Code(sender.Kind), sender.Pool, sender.SegmentsPerSecond, sender.Weight, sender.Countries,
        sender.IsActive ? "active" : "blocked", sender.BlockedReason, sender.Version);
}

internal sealed record SenderListJson(IReadOnlyList<SenderJson> Senders);

/// <param name="Address">E.164, 3 to 8 digits, or a name of 1 to 11 letters, digits and blanks.</param>
/// <param name="SegmentsPerSecond">1 to 10,000; default the kind's.</param>
/// <param name="Weight">1 to 100.</param>
/// <param name="Countries">ISO 3166-1 alpha-2; none: what its kind allows.</param>
internal sealed record NewSenderJson(
    Guid AccountId, string Address, SenderKind Kind, string Pool = "default", int? SegmentsPerSecond = null, int Weight = 1, IReadOnlyList<string>? Countries = null)
{
    public SenderSettings ToSettings() => new(AccountId, Address, Kind)
    {
        Pool = Pool,
        SegmentsPerSecond = SegmentsPerSecond,
        Weight = Weight,
        Countries = Countries ?? [],
    };
}

/// <param name="BlockedReason">1 to 500 characters; none: it sends.</param>
internal sealed record SenderChangeJson(string Pool, int SegmentsPerSecond, int Weight = 1, IReadOnlyList<string>? Countries = null, string? BlockedReason = null)
{
    public SenderChange ToChange() => new(Pool, SegmentsPerSecond) { Weight = Weight, Countries = Countries ?? [], BlockedReason = BlockedReason };
}
