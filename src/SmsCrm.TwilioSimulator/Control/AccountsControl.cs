using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.TwilioSimulator.Control;

/// <summary>An account to be added, as the control API is asked for it.</summary>
internal sealed record NewAccount(
    string? AuthToken, Dictionary<string, string>? ApiKeys = null, List<string>? Senders = null, bool TestCredentials = false);

/// <summary>Reads and adds accounts; an added one is in the ledger and known again after a restart.</summary>
internal static class AccountsControl
{
    public static void MapAccounts(this RouteGroupBuilder control)
    {
        control.MapGet("/accounts", (AccountBook accounts) => ControlJson.Answer(new
        {
            Accounts = accounts.All.OrderBy(account => account.Number).Select(Describe),
        }));
        control.MapPut("/accounts/{sid}", PutAsync);
    }

    public static IResult Unknown(string sid) =>
        ControlJson.Refuse(StatusCodes.Status404NotFound, "sid", sid, "give the sid of an account of this simulator, or add it by PUT /_control/accounts/{sid}");

    private static async Task<IResult> PutAsync(string sid, HttpContext context, AccountBook accounts, MessageLedger ledger)
    {
        var (given, unreadable) = await ControlJson.ReadAsync<NewAccount>(context).ConfigureAwait(false);
        if (given is null)
            return unreadable!;
        var account = new SimulatedAccount(sid, given.AuthToken ?? "")
        {
            ApiKeys = given.ApiKeys ?? [],
            Senders = given.Senders ?? [],
            TestCredentials = given.TestCredentials,
        };
        if (TwilioSimulatorOptions.ValidateAccount(account).ToList() is { Count: > 0 } errors)
            return ControlJson.Answer(new { Errors = errors.Select(error => new { Field = "account", Value = sid, Remedy = error }) }, 400);
        ledger.RecordAccount(account);
        return ControlJson.Answer(Describe(accounts.Put(account)));
    }

    private static object Describe(Account account) => new
    {
        account.Sid,
        ApiKeys = account.Configured.ApiKeys.Keys,
        account.Configured.Senders,
        account.Configured.TestCredentials,
        HasOwnKnobs = account.OwnKnobs is not null,
        account.InFlight,
    };
}
