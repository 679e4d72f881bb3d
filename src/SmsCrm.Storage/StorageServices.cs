using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Storage.Identity;
using SmsCrm.Storage.Migrations;
using SmsCrm.Storage.Partitions;
using StackExchange.Redis;

namespace SmsCrm.Storage;

public static class StorageServices
{
    /// <summary>
    /// Postgres (<see cref="NpgsqlDataSource"/>), Redis (<see cref="IConnectionMultiplexer"/>, connected when first asked for), the schema's
    /// versions, the partitions' upkeep and the ledger's identity.
    /// </summary>
    public static IServiceCollection AddStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<StorageOptions>, StorageOptionsValidation>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => PostgresConnections.CreateDataSource(provider.GetRequiredService<IOptions<StorageOptions>>().Value));
        services.TryAddSingleton<IConnectionMultiplexer>(provider =>
            RedisConnection.Connect(provider.GetRequiredService<IOptions<StorageOptions>>().Value));
        services.TryAddSingleton<PostgresConnections>();
        services.TryAddSingleton<SchemaMigrator>();
        services.TryAddSingleton<PartitionUpkeep>();
        services.TryAddSingleton<PartitionRemoval>();
        services.TryAddSingleton<LedgerIdentity>();
        return services;
    }

    /// <summary>Keeps partitions made ahead and drops what is past its retention; for the <c>record</c> role.</summary>
    public static IServiceCollection AddPartitionUpkeep(this IServiceCollection services) => services.AddHostedService<PartitionUpkeepLoop>();
}
