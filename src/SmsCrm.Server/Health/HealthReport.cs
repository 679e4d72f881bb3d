using Microsoft.Extensions.Diagnostics.HealthChecks;
using SmsCrm.Server.Hosting;
using SmsCrm.Server.Roles;
using HealthResult = Microsoft.Extensions.Diagnostics.HealthChecks.HealthReport;

namespace SmsCrm.Server.Health;

/// <summary>How ready one role is.</summary>
/// <param name="Missing">The dependencies that hold it up.</param>
internal sealed record RoleReadiness(bool Ready, IReadOnlyList<string> Missing);

/// <summary>How one dependency is.</summary>
/// <param name="Says">What it said, for people.</param>
internal sealed record DependencyReadiness(string Name, bool Ok, string Says, IEnumerable<string> NeededBy);

/// <param name="Ready">All roles that this process serves, or the one that was asked for.</param>
internal sealed record Readiness(bool Ready, IReadOnlyDictionary<string, RoleReadiness> Roles, IReadOnlyList<DependencyReadiness> Dependencies);

/// <summary>Asks the dependencies, at most once a second however many ask, and tells each role's readiness.</summary>
internal sealed class HealthReport(HealthCheckService checks, ServedRoles served, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _asking = new(1);
    private HealthResult? _last;
    private long _lastAt;

    public async Task<Readiness> ReadAsync(CancellationToken cancellation)
    {
        var result = await AskAsync(cancellation);
        var roles = RoleNames.Of(served.Roles).ToDictionary(role => role, role =>
        {
            var missing = result.Entries.Where(e => e.Value.Status != HealthStatus.Healthy && e.Value.Tags.Contains(role)).Select(e => e.Key).ToList();
            return new RoleReadiness(missing.Count == 0, missing);
        });
        return new Readiness(
            roles.Values.All(role => role.Ready),
            roles,
            [.. result.Entries.Select(e => new DependencyReadiness(e.Key, e.Value.Status == HealthStatus.Healthy, Says(e.Value), e.Value.Tags))]);
    }

    /// <summary>200 when ready, else 503; of one role where <paramref name="role"/> names it.</summary>
    public async Task<IResult> AnswerAsync(string? role, CancellationToken cancellation)
    {
        var readiness = await ReadAsync(cancellation);
        if (role is not null && !readiness.Roles.ContainsKey(role))
        {
            return Results.Problem(
                $"role is '{role}'; this process serves {string.Join(", ", readiness.Roles.Keys)}.", statusCode: StatusCodes.Status400BadRequest);
        }

        var ready = role is null ? readiness.Ready : readiness.Roles[role].Ready;
        return Results.Json(readiness with { Ready = ready }, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    public void Dispose() => _asking.Dispose();

    private async Task<HealthResult> AskAsync(CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation);
        try
        {
            if (_last is null || clock.GetElapsedTime(_lastAt) >= Fresh)
            {
                _last = await checks.CheckHealthAsync(cancellation);
                _lastAt = clock.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _asking.Release();
        }
    }

    private static string Says(HealthReportEntry entry) => entry.Description ?? entry.Exception?.Message ?? entry.Status.ToString();
}
