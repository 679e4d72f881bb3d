using SmsCrm.Crm.Access;
using SmsCrm.Crm.Tenants;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;
using SmsCrm.Server.Endpoints.Management;

namespace SmsCrm.Server.Endpoints.Operation;

/// <summary>Tenants and their provider accounts, for operators.</summary>
internal static class TenantEndpoints
{
    public static void MapTenants(this IEndpointRouteBuilder app)
    {
        var tenants = app.MapGroup("/v1/operator/tenants").RequireAuthorization(AccessPolicies.Operator).WithTags("Operation")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);
        tenants.MapGet("", ListAsync).WithName("ListTenants").WithSummary("Up to 1,000 tenants by id; after is the id to go on from");
        tenants.MapPost("", CreateAsync).WithName("CreateTenant").WithSummary("Makes a tenant");
        tenants.MapGet("/{id:guid}", GetAsync).WithName("GetTenant").WithSummary("A tenant");
        tenants.MapPut("/{id:guid}", UpdateAsync).WithName("PutTenant").WithSummary("Replaces a tenant's settings: name, state, country, rate, evidence, time zone, link domain")
            .WithDescription("version (query) is the one that was read; 0 changes whatever is there. State paused: what is accepted waits; suspended: it is rejected.");
        tenants.MapGet("/{id:guid}/accounts", ListAccountsAsync).WithName("ListTenantAccounts").WithSummary("A tenant's provider accounts, without secrets");
        tenants.MapPost("/{id:guid}/accounts", CreateAccountAsync).WithName("CreateAccount").WithSummary("Gives a tenant a provider account");
        tenants.MapPut("/{id:guid}/accounts/{account:guid}", UpdateAccountAsync).WithName("PutAccount")
            .WithSummary("Replaces an account's settings; without auth_token the token stays");
        tenants.MapPost("/{id:guid}/accounts/{account:guid}/halt", HaltAsync).WithName("HaltAccount").WithSummary("Stops an account, with a reason; its messages wait");
        tenants.MapPost("/{id:guid}/accounts/{account:guid}/resume", ResumeAsync).WithName("ResumeAccount").WithSummary("Lets a halted account go on");
    }

    private static async Task<IResult> ListAsync(TenantStore tenants, CancellationToken cancellation, Guid? after = null) =>
        Results.Ok(new TenantListJson([.. (await tenants.ListAsync(new TenantId(after ?? Guid.Empty), cancellation)).Select(TenantJson.Of)]));

    private static async Task<IResult> CreateAsync(HttpContext context, TenantStore tenants, CancellationToken cancellation)
    {
        var (body, problem) = await ManagementJson.ReadAsync<TenantSettingsJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await tenants.CreateAsync(body!.ToSettings(), context.ApiCaller().KeyName, cancellation), TenantJson.Of, static made => $"/v1/operator/tenants/{made.Id}");
    }

    private static async Task<IResult> GetAsync(Guid id, TenantStore tenants, CancellationToken cancellation) => SettingsAnswers.Of<Tenant, TenantJson>(
        await tenants.GetAsync(new TenantId(id), cancellation) is { } found ? new SettingsOutcome<Tenant>.Done(found) : new SettingsOutcome<Tenant>.NotFound(),
        TenantJson.Of);

    private static async Task<IResult> UpdateAsync(Guid id, HttpContext context, TenantStore tenants, CancellationToken cancellation, long version = 0)
    {
        var (body, problem) = await ManagementJson.ReadAsync<TenantSettingsJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await tenants.UpdateAsync(new TenantId(id), version, body!.ToSettings(), context.ApiCaller().KeyName, cancellation), TenantJson.Of);
    }

    private static async Task<IResult> ListAccountsAsync(Guid id, AccountStore accounts, CancellationToken cancellation) =>
        Results.Ok(new AccountListJson([.. (await accounts.ListAsync(new TenantId(id), cancellation)).Select(AccountJson.Of)]));

    private static async Task<IResult> CreateAccountAsync(Guid id, HttpContext context, AccountStore accounts, CancellationToken cancellation)
    {
        var (body, problem) = await ManagementJson.ReadAsync<AccountSettingsJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await accounts.CreateAsync(new TenantId(id), body!.ToSettings(), context.ApiCaller().KeyName, cancellation),
            AccountJson.Of,
            made => $"/v1/operator/tenants/{id}/accounts/{made.Id}");
    }

    private static async Task<IResult> UpdateAccountAsync(
        Guid id, Guid account, HttpContext context, AccountStore accounts, CancellationToken cancellation, long version = 0)
    {
        var (body, problem) = await ManagementJson.ReadAsync<AccountSettingsJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await accounts.UpdateAsync(new TenantId(id), account, version, body!.ToSettings(), context.ApiCaller().KeyName, cancellation), AccountJson.Of);
    }

    private static async Task<IResult> HaltAsync(Guid id, Guid account, HttpContext context, AccountStore accounts, CancellationToken cancellation)
    {
        var (body, problem) = await ManagementJson.ReadAsync<ReasonJson>(context, cancellation);
        return problem ?? SettingsAnswers.Of(
            await accounts.SetHaltedAsync(new TenantId(id), account, body!.Reason, context.ApiCaller().KeyName, cancellation), AccountJson.Of);
    }

    private static async Task<IResult> ResumeAsync(Guid id, Guid account, HttpContext context, AccountStore accounts, CancellationToken cancellation) =>
        SettingsAnswers.Of(await accounts.SetHaltedAsync(new TenantId(id), account, null, context.ApiCaller().KeyName, cancellation), AccountJson.Of);
}

/// <param name="State"><c>active</c>, <c>paused</c> or <c>suspended</c>.</param>
internal sealed record TenantJson(
    Guid Id, string Name, string State, string DefaultCountry, int SegmentsPerSecond, bool AllowsEvidence, string TimeZone, string LinkDomain, long Version,
    DateTimeOffset CreatedAt)
{
    public static TenantJson Of(Tenant tenant) => new(
        tenant.Id.Value, tenant.Name, tenant.State.ToString().ToLowerInvariant(), tenant.DefaultCountry, tenant.SegmentsPerSecond, tenant.AllowsEvidence, tenant.TimeZone,
        tenant.LinkDomain, tenant.Version, tenant.CreatedAt);
}

internal sealed record TenantListJson(IReadOnlyList<TenantJson> Tenants);

/// <param name="Name">1 to 200 characters, unique.</param>
/// <param name="DefaultCountry">ISO 3166-1 alpha-2.</param>
/// <param name="SegmentsPerSecond">1 to 100,000.</param>
/// <param name="AllowsEvidence">Whether absence from the provider's list may let a second attempt go (docs/adr/0004).</param>
/// <param name="TimeZone">IANA: whose days and hours the reports tell.</param>
/// <param name="LinkDomain">The host of its short links, such as go.example.com; empty: the installation's.</param>
internal sealed record TenantSettingsJson(
    string Name, TenantState State = TenantState.Active, string DefaultCountry = "US", int SegmentsPerSecond = 1_000, bool AllowsEvidence = false,
    string TimeZone = "UTC", string LinkDomain = "")
{
    public TenantSettings ToSettings() => new(Name)
    {
        State = State,
        DefaultCountry = DefaultCountry,
        SegmentsPerSecond = SegmentsPerSecond,
        AllowsEvidence = AllowsEvidence,
        TimeZone = TimeZone,
        LinkDomain = LinkDomain,
    };
}

/// <param name="AccountSid"><c>AC</c> and 32 hexadecimal digits.</param>
/// <param name="AuthToken">Never shown again; at a change none leaves it as it is.</param>
/// <param name="Weight">0 (only when no other account can) to 100.</param>
/// <param name="PreviousTokenHours">Where the token changes: how long callbacks signed with the one before stay good, 0 to 168.</param>
internal sealed record AccountSettingsJson(
    string Name, string AccountSid, string? AuthToken = null, string BaseAddress = "https://api.twilio.com", int SegmentsPerSecond = 1_000,
    int MaxConcurrency = 64, int Weight = 1, int PreviousTokenHours = 24)
{
    public AccountSettings ToSettings() => new(Name, AccountSid)
    {
        AuthToken = AuthToken,
        BaseAddress = BaseAddress,
        SegmentsPerSecond = SegmentsPerSecond,
        MaxConcurrency = MaxConcurrency,
        Weight = Weight,
        PreviousTokenHours = PreviousTokenHours,
    };

    public override string ToString() => $"AccountSettingsJson {Name} ({AccountSid})";
}

/// <param name="Reason">1 to 500 characters.</param>
internal sealed record ReasonJson(string Reason);
