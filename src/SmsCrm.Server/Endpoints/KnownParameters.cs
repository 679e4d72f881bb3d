using SmsCrm.Server.Endpoints.Reports;

namespace SmsCrm.Server.Endpoints;

/// <summary>For endpoints that change something: a parameter that is ignored would have them do another thing than was asked for.</summary>
internal static class KnownParameters
{
    /// <summary>Refuses (400) every query parameter but these, before anything is done. None named: it has no parameters.</summary>
    public static RouteHandlerBuilder Knows(this RouteHandlerBuilder endpoint, params string[] parameters) =>
        endpoint.AddEndpointFilter(async (call, next) =>
            new QueryReader(call.HttpContext.Request.Query, parameters) is { HasErrors: true } query ? query.Problem() : await next(call));
}
