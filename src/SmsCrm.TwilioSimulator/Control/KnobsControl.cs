using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using SmsCrm.TwilioSimulator.Api;
using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.TwilioSimulator.Control;

/// <summary>Reads and sets knobs: the shared ones, and an account's own, which begin as a copy of the shared ones when they are first set.</summary>
internal static class KnobsControl
{
    private const int LongestJson = 8 * 1024 * 1024;

    public static void MapKnobs(this RouteGroupBuilder control)
    {
        control.MapGet("/knobs", (KnobBoard board) => ControlJson.Answer(board.Shared));
        control.MapPut("/knobs", async (HttpContext context, KnobBoard board) =>
            await ApplyAsync(context, board.Shared, knobs => board.Shared = knobs).ConfigureAwait(false));

        const string own = "/accounts/{sid}/knobs";
        control.MapGet(own, (string sid, AccountBook accounts, KnobBoard board) =>
            accounts.Find(sid) is { } account ? ControlJson.Answer(board.For(account)) : AccountsControl.Unknown(sid));
        control.MapPut(own, async (string sid, HttpContext context, AccountBook accounts, KnobBoard board) =>
            accounts.Find(sid) is { } account
                ? await ApplyAsync(context, board.For(account), knobs => account.OwnKnobs = knobs).ConfigureAwait(false)
                : AccountsControl.Unknown(sid));
        control.MapDelete(own, (string sid, AccountBook accounts) =>
        {
            if (accounts.Find(sid) is not { } account)
                return AccountsControl.Unknown(sid);
            account.OwnKnobs = null;
            return Results.NoContent();
        });
    }

    private static async Task<IResult> ApplyAsync(HttpContext context, SimulatorKnobs current, Action<SimulatorKnobs> set)
    {
        ControlJson.AllowBody(context, LongestJson);
        using var body = new StreamReader(context.Request.Body);
        var json = await body.ReadToEndAsync(context.RequestAborted).ConfigureAwait(false);
        var errors = KnobsJson.Apply(json, current, out var knobs);
        if (errors.Count > 0)
            return ControlJson.Answer(new { Errors = errors }, StatusCodes.Status400BadRequest);
        set(knobs);
        return ControlJson.Answer(knobs);
    }
}
