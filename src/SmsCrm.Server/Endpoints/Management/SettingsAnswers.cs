using SmsCrm.Crm.Tenants;

namespace SmsCrm.Server.Endpoints.Management;

/// <summary>What became of a change, as REST says it.</summary>
internal static class SettingsAnswers
{
    /// <param name="made">The address of what was made; null: it was there, and was changed.</param>
    public static IResult Of<T, TJson>(SettingsOutcome<T> outcome, Func<T, TJson> show, Func<T, string>? made = null) => outcome switch
    {
        SettingsOutcome<T>.Done done when made is not null => Results.Created(made(done.Value), show(done.Value)),
        SettingsOutcome<T>.Done done => Results.Ok(show(done.Value)),
        SettingsOutcome<T>.Refused refused => ManagementJson.Invalid(refused.Errors),
        SettingsOutcome<T>.NotFound => ManagementJson.Problem(StatusCodes.Status404NotFound, "Not found", "There is nothing of that id."),
        SettingsOutcome<T>.Stale stale => ManagementJson.Problem(
            StatusCodes.Status409Conflict, "Changed meanwhile", FormattableString.Invariant($"It has version {stale.CurrentVersion} now: read it again.")),
        _ => throw new InvalidOperationException($"No answer for {outcome.GetType().Name}"),
    };
}
