using System.Net;
using System.Text.Json;

namespace SmsCrm.IntegrationTests.Server;

/// <summary>What operators decide over REST: tenants, accounts, rates, the platform's list; and what a tenant decides of its senders.</summary>
public sealed class OperationTests(CrmServer server) : IClassFixture<CrmServer>
{
    private const string Token = "0123456789abcdef0123456789abcdef";
    private const string Nobody = "019aa000-0000-7000-8000-00000000dead";

    [Fact]
    public async Task A_tenant_gets_an_account_and_senders_and_every_change_is_on_record_without_the_token()
    {
        var ops = await server.OperatorKeyAsync("night shift");
        var tenant = Id(await MadeAsync("/v1/operator/tenants", """{"name":"Acme","segments_per_second":500}""", ops));
        var account = Id(await MadeAsync($"/v1/operator/tenants/{tenant}/accounts", Account(), ops));

        var put = await server.CallAsync(
            HttpMethod.Put, $"/v1/operator/tenants/{tenant}/accounts/{account}?version=1", Account("standby", weight: 0, token: null), ops);
        var halted = await server.CallAsync(HttpMethod.Post, $"/v1/operator/tenants/{tenant}/accounts/{account}/halt", """{"reason":"token leaked"}""", ops);
        var resumed = await server.CallAsync(HttpMethod.Post, $"/v1/operator/tenants/{tenant}/accounts/{account}/resume", null, ops);
        var paused = await server.CallAsync(HttpMethod.Put, $"/v1/operator/tenants/{tenant}?version=1", """{"name":"Acme","state":"paused"}""", ops);

        Assert.Equal(("standby", 0), (Text(put.Body, "name"), put.Body.GetProperty("weight").GetInt32()));
        Assert.Equal(("halted", "token leaked"), (Text(halted.Body, "state"), Text(halted.Body, "halted_reason")));
        Assert.Equal("active", Text(resumed.Body, "state"));
        Assert.Equal(("paused", 2), (Text(paused.Body, "state"), paused.Body.GetProperty("version").GetInt32()));
        var changes = (await server.GetAsync($"/v1/operator/changes?tenant={tenant}", ops)).Body.GetProperty("changes").EnumerateArray().ToList();
        Assert.Equal(6, changes.Count);
        Assert.All(changes, change => Assert.Equal("night shift", Text(change, "actor")));
        Assert.Equal(("active", "paused"), (Text(changes[0].GetProperty("before"), "state"), Text(changes[0].GetProperty("after"), "state")));
        Assert.DoesNotContain(changes, change => change.ToString().Contains(Token, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"name":"Twice","link_domain":""}""", "name is 'Twice': another tenant has it")]
    [InlineData("""{"name":"Other","link_domain":"go.twice.example.com"}""", "link_domain is 'go.twice.example.com': another tenant's short links stand on it")]
    public async Task A_name_and_a_link_domain_are_one_tenants_alone(string body, string detail)
    {
        var ops = await server.OperatorKeyAsync("ops");
        await server.CallAsync(HttpMethod.Post, "/v1/operator/tenants", """{"name":"Twice","link_domain":"go.twice.example.com"}""", ops);

        var (status, problem) = await server.CallAsync(HttpMethod.Post, "/v1/operator/tenants", body, ops);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(detail, problem.ToString().Replace("\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_is_made_blocked_with_a_reason_and_put_back()
    {
        var account = await AccountOfTheTenantAsync();
        var sender = Id(await MadeAsync("/v1/senders", $$"""{"account_id":"{{account}}","address":"77001","kind":"short_code","pool":"codes","countries":["US"]}""", server.TenantKey));

        var blocked = await server.CallAsync(
            HttpMethod.Put, $"/v1/senders/{sender}?version=1", """{"pool":"codes","segments_per_second":50,"blocked_reason":"filtered by a carrier"}""");
        var stale = await server.CallAsync(HttpMethod.Put, $"/v1/senders/{sender}?version=1", """{"pool":"codes","segments_per_second":50}""");
        var back = await server.CallAsync(HttpMethod.Put, $"/v1/senders/{sender}?version=2", """{"pool":"codes","segments_per_second":50}""");

        Assert.Equal(("blocked", "filtered by a carrier"), (Text(blocked.Body, "state"), Text(blocked.Body, "blocked_reason")));
        Assert.Equal(HttpStatusCode.Conflict, stale.Status);
        Assert.Equal("active", Text(back.Body, "state"));
        var change = (await server.GetAsync("/v1/changes?limit=200")).Body.GetProperty("changes").EnumerateArray().First(c => Text(c, "subject") == $"sender {sender}");
        Assert.Equal("filtered by a carrier", Text(change.GetProperty("before"), "blocked_reason"));
    }

    [Fact]
    public async Task A_tenant_sees_and_changes_no_other_tenants_senders()
    {
        var account = await AccountOfTheTenantAsync();
        var sender = Id(await MadeAsync("/v1/senders", $$"""{"account_id":"{{account}}","address":"77002","kind":"short_code"}""", server.TenantKey));

        var seen = (await server.GetAsync("/v1/senders", server.OtherTenantKey)).Body.GetProperty("senders").GetArrayLength();
        var changed = await server.CallAsync(HttpMethod.Put, $"/v1/senders/{sender}", """{"pool":"mine","segments_per_second":1}""", server.OtherTenantKey);
        var borrowed = await server.CallAsync(
            HttpMethod.Post, "/v1/senders", $$"""{"account_id":"{{account}}","address":"77003","kind":"short_code"}""", server.OtherTenantKey);

        Assert.Equal((0, HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (seen, changed.Status, borrowed.Status));
    }

    [Theory]
    [InlineData("GET", "/v1/operator/tenants")]
    [InlineData("POST", "/v1/operator/tenants")]
    [InlineData("PUT", "/v1/operator/rates/US")]
    [InlineData("POST", "/v1/operator/suppressions/+14155550123")]
    [InlineData("GET", "/v1/operator/changes")]
    public async Task A_tenants_key_does_not_open_what_operators_do(string method, string path) =>
        Assert.Equal(HttpStatusCode.Forbidden, (await server.CallAsync(new HttpMethod(method), path, method == "GET" ? null : "{}")).Status);

    [Fact]
    public async Task Rates_are_everybodys_or_a_tenants_own_and_the_own_can_be_taken_away()
    {
        var ops = await server.OperatorKeyAsync();
        await server.CallAsync(HttpMethod.Put, "/v1/operator/rates/DE", """{"rate":0.0812}""", ops);
        await server.CallAsync(HttpMethod.Put, $"/v1/operator/rates/DE?tenant={server.Bench.Tenant}", """{"rate":0.05}""", ops);

        var removed = await server.CallAsync(HttpMethod.Delete, $"/v1/operator/rates/DE?tenant={server.Bench.Tenant}", null, ops);
        var again = await server.CallAsync(HttpMethod.Delete, $"/v1/operator/rates/DE?tenant={server.Bench.Tenant}", null, ops);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (removed.Status, again.Status));
        var rates = (await server.GetAsync("/v1/operator/rates", ops)).Body.GetProperty("rates").EnumerateArray();
        Assert.Equal(0.0812m, rates.Single(rate => Text(rate, "country") == "DE").GetProperty("rate").GetDecimal());
    }

    [Fact]
    public async Task A_number_on_the_platforms_list_is_there_until_it_is_lifted_and_both_are_on_record()
    {
        var ops = await server.OperatorKeyAsync("trust and safety");

        var suppressed = await server.CallAsync(HttpMethod.Post, "/v1/operator/suppressions/+12125550109", null, ops);
        var lifted = await server.CallAsync(HttpMethod.Delete, "/v1/operator/suppressions/+12125550109", null, ops);
        var again = await server.CallAsync(HttpMethod.Delete, "/v1/operator/suppressions/+12125550109", null, ops);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.NotFound), (suppressed.Status, lifted.Status, again.Status));
        var changes = (await server.GetAsync("/v1/operator/changes", ops)).Body.GetProperty("changes").EnumerateArray();
        Assert.Equal(["lift", "suppress"], changes.Where(c => Text(c, "subject") == "number +12125550109").Select(c => Text(c, "action")));
    }

    [Theory]
    [InlineData("POST", "/v1/operator/tenants", """{"name":""}""", "name is ''")]
    [InlineData("POST", "/v1/operator/tenants", """{"name":"x","default_country":"usa"}""", "default_country is 'usa'")]
    [InlineData("POST", "/v1/operator/tenants", """{"name":"x","state":"asleep"}""", "state")]
    [InlineData("POST", "/v1/operator/tenants", """{"name":"x","colour":"red"}""", "colour")]
    [InlineData("POST", "/v1/operator/tenants", """{"name":"x","segments_per_second":0}""", "segments_per_second is 0")]
    [InlineData("POST", "/v1/operator/tenants/TENANT/accounts", """{"name":"main","account_sid":"AC1","auth_token":"t"}""", "account_sid")]
    [InlineData("POST", "/v1/operator/tenants/TENANT/accounts", """{"name":"main","account_sid":"AC00000000000000000000000000000000"}""", "auth_token")]
    [InlineData("POST", "/v1/operator/tenants/" + Nobody + "/accounts", """{"name":"m","account_sid":"AC00000000000000000000000000000000","auth_token":"t","base_address":"http://127.0.0.1:1"}""", "tenant")]
    [InlineData("PUT", "/v1/operator/rates/usa", """{"rate":1}""", "country is 'usa'")]
    [InlineData("PUT", "/v1/operator/rates/US", """{"rate":-1}""", "rate is -1")]
    [InlineData("PUT", "/v1/operator/rates/US", """{"rate":101}""", "rate is 101")]
    [InlineData("PUT", "/v1/operator/rates/US", "{}", "rate")]
    [InlineData("POST", "/v1/operator/suppressions/4155550123", null, "4155550123")]
    public async Task Bad_input_of_an_operator_is_told_by_field_value_and_remedy(string method, string path, string? body, string word)
    {
        var (status, problem) = await server.CallAsync(
            new HttpMethod(method), path.Replace("TENANT", server.Bench.Tenant.ToString(), StringComparison.Ordinal), body, await server.OperatorKeyAsync());

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(word, Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"account_id":"019aa000-0000-7000-8000-00000000dead","address":"77009","kind":"short_code"}""", "account")]
    [InlineData("""{"account_id":"ACCOUNT","address":"7","kind":"short_code"}""", "address is '7'")]
    [InlineData("""{"account_id":"ACCOUNT","address":"Acme","kind":"carrier_pigeon"}""", "kind")]
    [InlineData("""{"account_id":"ACCOUNT","address":"77010","kind":"short_code","weight":0}""", "weight is 0")]
    [InlineData("""{"account_id":"ACCOUNT","address":"77011","kind":"short_code","countries":["us"]}""", "countries is 'us'")]
    public async Task Bad_senders_are_told_by_field_value_and_remedy(string body, string word)
    {
        var account = await AccountOfTheTenantAsync();

        var (status, problem) = await server.CallAsync(HttpMethod.Post, "/v1/senders", body.Replace("ACCOUNT", account, StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(word, Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/v1/operator/tenants/" + Nobody, null)]
    [InlineData("PUT", "/v1/operator/tenants/" + Nobody, """{"name":"x"}""")]
    [InlineData("POST", "/v1/operator/tenants/" + Nobody + "/accounts/" + Nobody + "/halt", """{"reason":"x"}""")]
    public async Task What_is_not_there_is_said_to_be_not_there(string method, string path, string? body) =>
        Assert.Equal(HttpStatusCode.NotFound, (await server.CallAsync(new HttpMethod(method), path, body, await server.OperatorKeyAsync())).Status);

    private async Task<string> AccountOfTheTenantAsync()
    {
        var ops = await server.OperatorKeyAsync();
        var path = $"/v1/operator/tenants/{server.Bench.Tenant}/accounts";
        var there = (await server.GetAsync(path, ops)).Body.GetProperty("accounts").EnumerateArray().FirstOrDefault(a => Text(a, "name") == "main");
        return there.ValueKind == JsonValueKind.Undefined ? Id(await MadeAsync(path, Account(), ops)) : Id(there);
    }

    private async Task<JsonElement> MadeAsync(string path, string body, string key)
    {
        var (status, made) = await server.CallAsync(HttpMethod.Post, path, body, key);
        Assert.True(status == HttpStatusCode.Created, $"{status} {made}");
        return made;
    }

    private static string Account(string name = "main", int weight = 1, string? token = Token) =>
        $$"""{"name":"{{name}}","account_sid":"AC00000000000000000000000000000000","base_address":"http://127.0.0.1:1","weight":{{weight}}{{(token is null ? "" : $",\"auth_token\":\"{token}\"")}}}""";

    private static string Id(JsonElement made) => Text(made, "id");

    private static string Text(JsonElement element, string property) => element.GetProperty(property).ToString();
}
