using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace SmsCrm.Pipeline.Links;

/// <summary>Where a hit came from, as the operator's databases know it. Asked where hits are written, so that no redirect waits for it.</summary>
internal sealed class LinkOrigins : IDisposable
{
    private readonly WatchedDatabase<long>? _networks;
    private readonly WatchedDatabase<string>? _countries;
    private readonly DataCentres _dataCentres;

    public LinkOrigins(IOptions<LinksOptions> options, ILogger<LinkOrigins> logger)
    {
        var (networks, countries) = (options.Value.NetworkDatabase, options.Value.CountryDatabase);
        _networks = networks.Length == 0 ? null : new(LinksOptions.NetworkDatabaseSetting, networks, OpenNetworks, logger);
        _countries = countries.Length == 0 ? null : new(LinksOptions.CountryDatabaseSetting, countries, OpenCountries, logger);
        _dataCentres = new DataCentres(options.Value);
        Refresh();
    }

    /// <exception cref="InvalidDataException">The file can't be used.</exception>
    public static AddressDatabase<long> OpenNetworks(string path) => AddressDatabase<long>.Open(path, AddressRecords.NetworkFields, AddressRecords.NetworkOf);

    /// <exception cref="InvalidDataException">The file can't be used.</exception>
    public static AddressDatabase<string> OpenCountries(string path) => AddressDatabase<string>.Open(path, AddressRecords.CountryFields, AddressRecords.CountryOf);

    /// <summary>The hit with what is known of its address, and without the address.</summary>
    public LinkHit Judge(LinkHit hit) => hit.Address is not { } address
        ? hit
        : hit with
        {
            Address = null,
            Flags = hit.Flags | (_networks is not null && _dataCentres.Has(_networks.Find(address)) ? HitFlags.DataCentre : HitFlags.None),
            Country = _countries?.Find(address) ?? "",
        };

    /// <summary>Loads files that were replaced.</summary>
    public void Refresh()
    {
        _networks?.Refresh();
        _countries?.Refresh();
    }

    public void Dispose()
    {
        _networks?.Dispose();
        _countries?.Dispose();
    }
}
