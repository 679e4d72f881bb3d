using Microsoft.Extensions.Options;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Ingest;
using SmsCrm.Pipeline.Links;

namespace SmsCrm.Server.Endpoints.Ingest;

/// <summary>On whose behalf a call asks for messages to be sent.</summary>
internal static class IngestCallers
{
    public static IngestCaller Of(HttpContext context)
    {
        var tenant = context.Tenant();
        return new IngestCaller(
            tenant.Id,
            tenant.DefaultCountry,
            tenant.LinkDomain.Length > 0 ? $"https://{tenant.LinkDomain}" : context.RequestServices.GetRequiredService<IOptions<LinksOptions>>().Value.Start,
            tenant.Zone);
    }
}
