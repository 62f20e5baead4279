"""Small overlays, each around one thing kustomize does, as path to text. The overlay is in ``prod``."""

from __future__ import annotations

from textwrap import dedent
from typing import Final

WEB: Final = """\
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      labels: {app: web}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          serviceAccountName: web
          initContainers:
            - {name: init, image: registry.example/init:1}
          containers:
            - name: web
              image: registry.example/web:1.4.2
              args: [--a, --b]
              env:
                - {name: A, value: "1"}
                - {name: B, value: "2"}
                - name: KEY
                  valueFrom: {secretKeyRef: {name: keys, key: key}}
              envFrom:
                - configMapRef: {name: settings}
              ports:
                - {containerPort: 80, protocol: TCP}
                - {containerPort: 80, protocol: UDP}
              livenessProbe: {httpGet: {path: /live, port: 80}}
              volumeMounts:
                - {name: config, mountPath: /etc/web}
          volumes:
            - {name: config, configMap: {name: settings}}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec:
      selector: {app: web}
      ports:
        - {name: http, port: 80, targetPort: 8080}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: web}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: web}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
    subjects:
      - {kind: ServiceAccount, name: web}
      - {kind: ServiceAccount, name: default, namespace: elsewhere}
      - {kind: User, name: somebody}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: web}
    rules:
      - {apiGroups: [""], resources: [configmaps], resourceNames: [settings], verbs: [get]}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: web-reader}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
    subjects:
      - {kind: ServiceAccount, name: web, namespace: default}
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: web}
    spec:
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
      minReplicas: 2
      maxReplicas: 4
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings}
    data: {banner: welcome}
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: keys}
    stringData: {key: value, number: "3"}
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: web
      annotations: {retries: 3, keep: "yes"}
    spec:
      tls: [{hosts: [web.example], secretName: keys}]
      rules:
        - host: web.example
          http:
            paths:
              - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
    ---
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: store}
    spec:
      serviceName: web
      replicas: 3
      selector: {matchLabels: {app: store}}
      template:
        metadata: {labels: {app: store}}
        spec:
          containers: [{name: store, image: "registry.example/store@sha256:0123456789abcdef"}]
      volumeClaimTemplates:
        - metadata: {name: data}
          spec: {accessModes: [ReadWriteOnce], storageClassName: fast}
    ---
    apiVersion: storage.k8s.io/v1
    kind: StorageClass
    metadata: {name: fast}
    provisioner: example.com/fast
    ---
    apiVersion: v1
    kind: Namespace
    metadata: {name: shop}
    ---
    apiVersion: example.com/v1
    kind: Widget
    metadata: {name: widget}
    spec:
      items: [{name: a, size: 1}, {name: b, size: 2}]
      containers: [{name: x, image: registry.example/web:1.4.2}]
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: web}
    spec:
      podSelector: {matchLabels: {app: web}}
      ingress:
        - from: [{podSelector: {matchLabels: {app: front}}}, {namespaceSelector: {}}]
    ---
    apiVersion: batch/v1
    kind: CronJob
    metadata: {name: clean}
    spec:
      schedule: "0 0 * * *"
      jobTemplate:
        spec:
          template:
            spec:
              restartPolicy: Never
              containers:
                - {name: clean, image: registry.example/web, envFrom: [{secretRef: {name: keys}}]}
    """
BASE: Final = "resources: [web.yaml]\n"


def overlay(kustomization: str, **files: str) -> dict[str, str]:
    """An overlay over `WEB`. files: further files of the overlay; ``__`` in a name is a dot, ``___`` a slash."""
    tree = {"base/web.yaml": dedent(WEB), "base/kustomization.yaml": BASE}
    tree["prod/kustomization.yaml"] = "resources: [../base]\n" + dedent(kustomization)
    for name, content in files.items():
        tree["prod/" + name.replace("___", "/").replace("__", ".")] = dedent(content)
    return tree


PAIR: Final = """\
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          serviceAccountName: web
          containers: [{name: web, image: registry.example/web, envFrom: [{configMapRef: {name: settings}}]}]
          volumes: [{name: m, configMap: {name: made}}]
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: web}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: web}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
    subjects: [{kind: ServiceAccount, name: web}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: web}
    rules: []
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings}
    data: {a: "1"}
    """

MORE: Final = """\
    apiVersion: v1
    kind: Pod
    metadata:
      name: odd
      finalizers: [a, b]
      annotations:
    spec:
      priorityClassName: high
      containers:
        - name: one
          image: registry.example/one
          ports: [{containerPort: 53, protocol: UDP}, {containerPort: 53, protocol: TCP}, {containerPort: 80}]
          env: [{name: X, valueFrom: {configMapKeyRef: {name: settings, key: a}}}]
        - {name: two, image: registry.example/two}
      tolerations: [{key: old, operator: Exists}]
      topologySpreadConstraints:
        - {topologyKey: zone, whenUnsatisfiable: DoNotSchedule, maxSkew: 1}
        - {topologyKey: zone, whenUnsatisfiable: ScheduleAnyway, maxSkew: 2}
      imagePullSecrets: [{name: first}, {name: second}]
      hostAliases: [{ip: 1.2.3.4, hostnames: [a]}, {ip: 5.6.7.8, hostnames: [b]}]
      volumes:
        - {name: claim, persistentVolumeClaim: {claimName: data}}
        - name: all
          projected: {sources: [{configMap: {name: settings}}, {secret: {name: first}}]}
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings}
    data: {a: "1"}
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: first}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: odd}
    spec: {ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}, {port: 80}], selector: {app: odd}}
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: data}
    spec: {storageClassName: fast, volumeName: disk}
    ---
    apiVersion: v1
    kind: PersistentVolume
    metadata: {name: disk}
    spec: {storageClassName: fast}
    ---
    apiVersion: storage.k8s.io/v1
    kind: StorageClass
    metadata: {name: fast}
    provisioner: example.com/fast
    ---
    apiVersion: scheduling.k8s.io/v1
    kind: PriorityClass
    metadata: {name: high}
    value: 10
    ---
    apiVersion: admissionregistration.k8s.io/v1
    kind: ValidatingWebhookConfiguration
    metadata: {name: hook}
    webhooks:
      - {name: a.example.com, clientConfig: {service: {name: odd, namespace: default}}}
      - {name: b.example.com, clientConfig: {service: {name: other, namespace: default}}}
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata:
      name: odd
      annotations: {nginx.ingress.kubernetes.io/auth-secret: first}
    spec: {defaultBackend: {service: {name: odd}}}
    ---
    apiVersion: batch/v1
    kind: Job
    metadata: {name: once}
    spec:
      template:
        spec: {restartPolicy: Never, containers: [{name: once, image: registry.example/once}]}
    ---
    apiVersion: apps/v1
    kind: DaemonSet
    metadata: {name: agent}
    spec:
      selector: {matchLabels: {app: agent}}
      template:
        metadata: {labels: {app: agent}}
        spec:
          affinity:
            podAntiAffinity:
              requiredDuringSchedulingIgnoredDuringExecution:
                - {topologyKey: host, labelSelector: {matchLabels: {app: agent}}}
          containers: [{name: agent, image: registry.example/agent}]
    ---
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: agent}
    spec: {minAvailable: 1, selector: {matchLabels: {app: agent}}}
    ---
    apiVersion: apiextensions.k8s.io/v1
    kind: CustomResourceDefinition
    metadata: {name: widgets.example.com}
    spec: {group: example.com, names: {kind: Widget}, scope: Namespaced}
    """


def more(kustomization: str, **files: str) -> dict[str, str]:
    """An overlay over `MORE`."""
    return overlay(kustomization, **files) | {"base/web.yaml": dedent(MORE)}


OVERLAYS: Final[dict[str, dict[str, str]]] = {
    "nothing but the base": overlay(""),
    "namespace": overlay("namespace: shop\n"),
    "prefix and suffix": overlay("namePrefix: eu-\nnameSuffix: -v2\n"),
    "prefix, suffix and namespace": overlay("namePrefix: eu-\nnameSuffix: -v2\nnamespace: shop\n"),
    "prefix in the base too": {
        **overlay("namePrefix: eu-\n"),
        "base/kustomization.yaml": "namePrefix: shop-\nresources: [web.yaml]\n",
    },
    "common labels and annotations": overlay(
        """\
        commonLabels: {team: shop, app: store-front}
        commonAnnotations: {owner: team-shop, note: "a: b"}
        """
    ),
    "labels": overlay("labels:\n  - pairs: {team: shop}\n"),
    "labels with selectors": overlay("labels:\n  - {pairs: {team: shop}, includeSelectors: true}\n"),
    "labels with templates": overlay("labels:\n  - {pairs: {team: shop}, includeTemplates: true}\n"),
    "labels at stated fields": overlay(
        """\
        labels:
          - pairs: {team: shop}
            fields: [{path: spec/labels, kind: Widget, create: true}]
        """
    ),
    "images": overlay(
        """\
        images:
          - {name: registry.example/web, newTag: 1.5.0}
          - {name: registry.example/store, newName: registry.example/big-store, newTag: "2"}
          - {name: registry.example/init, digest: sha256:abcdef}
        """
    ),
    "image tag suffix": overlay("images: [{name: registry.example/web, tagSuffix: -debug}]\n"),
    "image renamed and named again": overlay(
        """\
        images:
          - {name: registry.example/web, newName: registry.example/shop}
          - {name: registry.example/shop, newTag: "9"}
        """
    ),
    "replicas": overlay("replicas: [{name: web, count: 5}, {name: store, count: 0}]\n"),
    "replicas of a renamed workload": overlay("namePrefix: eu-\nreplicas: [{name: web, count: 5}]\n"),
    "strategic merge": overlay(
        "patches: [{path: patch.yaml}]\n",
        patch__yaml="""\
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web, annotations: {changed: "true"}}
            spec:
              replicas: 4
              template:
                spec:
                  containers:
                    - name: web
                      livenessProbe: null
                      args: [--c]
                      env:
                        - {name: C, value: "3"}
                        - {name: B, $patch: delete}
                        - {name: A, value: "9"}
                      ports:
                        - {containerPort: 80, protocol: UDP, name: dns}
                        - {containerPort: 9090}
                    - {name: sidecar, image: registry.example/sidecar:1}
                  volumes:
                    - {name: extra, emptyDir: {}}
            """,
    ),
    "strategic merge with directives": overlay(
        "patches: [{path: patch.yaml}]\n",
        patch__yaml="""\
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              selector: {$patch: replace, matchLabels: {app: other}}
              template:
                metadata: {$patch: delete}
                spec:
                  initContainers: [{$patch: delete}]
                  containers:
                    - name: web
                      env: [{$patch: replace}, {name: ONLY, value: one}]
                      livenessProbe: {$patch: replace, tcpSocket: {port: 1}}
            """,
    ),
    "strategic merge deletes objects": overlay(
        """\
        patches:
          - patch: |
              apiVersion: v1
              kind: Service
              metadata: {name: web}
              $patch: delete
          - target: {kind: Ingress|HorizontalPodAutoscaler}
            patch: |
              $patch: delete
              apiVersion: v1
              kind: Any
              metadata: {name: any}
        """
    ),
    "strategic merge of a custom kind": overlay(
        """\
        patches:
          - target: {kind: Widget}
            patch: |
              apiVersion: example.com/v1
              kind: Widget
              metadata: {name: ignored}
              spec: {items: [{name: b, size: 9}], added: {kept: 1, gone: null}}
        """
    ),
    "strategic merge by pattern": overlay(
        """\
        patches:
          - target: {kind: "Deployment|StatefulSet", name: "w.*|store", version: v1, group: apps}
            patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: any}
              spec: {template: {spec: {hostNetwork: true}}}
        """
    ),
    "patches by label": overlay(
        """\
        patches:
          - target: {labelSelector: "app in (web, x),!gone"}
            patch: |-
              - {op: add, path: /metadata/labels/found, value: "yes"}
        """
    ),
    "old names of patches": overlay(
        """\
        patchesStrategicMerge:
          - patch.yaml
          - |-
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings}
            data: {more: "1", banner: null}
        patchesJson6902:
          - target: {version: v1, kind: Service, name: web}
            path: ops.json
        """,
        patch__yaml="""\
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {ports: [{port: 443, name: https}]}
            ---
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: store}
            spec: {replicas: 1}
            """,
        ops__json='[{"op": "replace", "path": "/spec/ports/0/port", "value": 8443}]\n',
    ),
    "JSON patch": overlay(
        """\
        patches:
          - target: {kind: Deployment, name: web}
            patch: |-
              - {op: replace, path: /spec/replicas, value: 7}
              - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: LAST, value: x}}
              - {op: add, path: /spec/template/spec/containers/0/env/0, value: {name: FIRST, value: x}}
              - {op: remove, path: /spec/template/spec/containers/0/args/1}
              - {op: add, path: /metadata/annotations/example.com~1note, value: "text"}
              - {op: replace, path: /spec/strategy, value: {type: Recreate}}
              - {op: copy, from: /spec/replicas, path: /spec/minReadySeconds}
              - {op: move, from: /spec/template/spec/serviceAccountName, path: /spec/template/spec/hostname}
              - {op: test, path: /spec/replicas, value: 7}
        """
    ),
    "patch meets old and new names": overlay(
        """\
        namePrefix: eu-
        resources: [../middle]
        patches:
          - path: patch.yaml
        """.replace("resources: [../middle]\n", "").replace("        patches", "patches"),
        patch__yaml="""\
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings}
            data: {banner: patched}
            """,
    ),
    "name changed by a patch": overlay(
        """\
        patches:
          - target: {kind: ConfigMap, name: settings}
            options: {allowNameChange: true}
            patch: |-
              apiVersion: v1
              kind: ConfigMap
              metadata: {name: other-settings}
        """
    ),
    "generators": overlay(
        """\
        configMapGenerator:
          - name: generated
            files: [app.conf, renamed=app.conf]
            literals: [a=1, "b='quoted'", c="<&>", d=x=y]
            envs: [vars.env]
          - {name: empty}
          - {name: plain, literals: [x=1], options: {disableNameSuffixHash: true, labels: {l: "1"}}}
        secretGenerator:
          - {name: token, literals: [token=abc], type: example.com/token}
          - {name: long, files: [app.conf]}
        generatorOptions: {annotations: {made: by-hand}, immutable: true}
        """,
        app__conf="first line\nsecond line with ünïcode\nand a third one that makes it longer than seventy\n",
        vars__env="# a comment\nONE=1\n  TWO=two words\nEMPTY=\nBARE\n\n",
    ),
    "generated names are followed": overlay(
        """\
        configMapGenerator: [{name: more, literals: [a=1]}]
        secretGenerator: [{name: sealed, literals: [a=1]}]
        patches:
          - target: {kind: Deployment}
            patch: |-
              - {op: add, path: /spec/template/spec/volumes/-, value: {name: m, configMap: {name: more}}}
              - {op: add, path: /spec/template/spec/volumes/-, value: {name: s, secret: {secretName: sealed}}}
        """
    ),
    "generators merge and replace": {
        **overlay(
            """\
            configMapGenerator:
              - {name: settings, behavior: merge, literals: [banner=closed, more=1]}
              - {name: made, behavior: replace, literals: [only=1]}
            """
        ),
        "base/kustomization.yaml": "resources: [web.yaml]\nconfigMapGenerator: [{name: made, literals: [old=1]}]\n",
    },
    "hash of a merged map": {
        **overlay(
            "configMapGenerator: [{name: made, behavior: merge, literals: [new=1]}]\nnamespace: shop\n"
        ),
        "base/kustomization.yaml": (
            "resources: [web.yaml]\nnamespace: shop\nconfigMapGenerator: [{name: made, literals: [old=1]}]\n"
        ),
    },
    "components": overlay(
        """\
        components: [../extra]
        namePrefix: eu-
        """
    )
    | {
        "extra/kustomization.yaml": dedent(
            """\
            apiVersion: kustomize.config.k8s.io/v1alpha1
            kind: Component
            resources: [more.yaml]
            patches:
              - target: {kind: Deployment}
                patch: |-
                  - {op: replace, path: /spec/replicas, value: 9}
            """
        ),
        "extra/more.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n",
    },
    "replacements": overlay(
        """\
        replacements:
          - source: {kind: ConfigMap, name: settings, fieldPath: data.banner}
            targets:
              - select: {kind: Deployment}
                fieldPaths:
                  - spec.template.spec.containers.[name=web].env.[name=A].value
                  - metadata.annotations.[example.com/banner]
                options: {create: true}
          - source:
              kind: Deployment
              name: web
              fieldPath: spec.template.spec.containers.0.image
              options: {delimiter: ":", index: 1}
            targets:
              - select: {kind: StatefulSet}
                fieldPaths: [metadata.labels.version]
                options: {create: true}
              - select: {kind: Widget}
                fieldPaths: ["spec.containers.*.image"]
                options: {delimiter: ":", index: 1}
          - source: {kind: Secret, name: keys, fieldPath: stringData.number}
            targets:
              - select: {kind: Deployment}
                fieldPaths: [spec.replicas, metadata.labels.app]
          - path: more.yaml
        """,
        more__yaml="""\
            source: {kind: Service, name: web}
            targets:
              - select: {kind: Ingress}
                reject: [{name: other}]
                fieldPaths: [spec.rules.0.host]
                options: {delimiter: ".", index: 0}
            """,
    ),
    "lists of objects": overlay(
        "resources: [../base, list.yaml]\n",
        list__yaml="""\
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}
              - apiVersion: v1
                kind: ConfigMapList
                items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: two}}]
            """,
    )
    | {"prod/kustomization.yaml": "resources: [../base, list.yaml]\nnamespace: shop\n"},
    "local configuration is left out": overlay(
        "",
        local__yaml="""\
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: local, annotations: {config.kubernetes.io/local-config: "true"}}
            """,
    )
    | {"prod/kustomization.yaml": "resources: [../base, local.yaml]\n"},
    "own fields by configuration": overlay(
        "configurations: [fields.yaml]\nnamePrefix: eu-\ncommonLabels: {team: shop}\n",
        fields__yaml="""\
            nameReference:
              - kind: ConfigMap
                version: v1
                fieldSpecs: [{path: spec/config, kind: Widget}]
            commonLabels: [{path: spec/labels, kind: Widget, create: true}]
            """,
    )
    | {
        "base/kustomization.yaml": dedent(
            """\
            resources: [web.yaml]
            patches:
              - target: {kind: Widget}
                patch: '[{"op": "add", "path": "/spec/config", "value": "settings"}]'
            """
        )
    },
    "two copies of one base": {
        "base/kustomization.yaml": BASE,
        "base/web.yaml": dedent(PAIR),
        "eu/kustomization.yaml": "resources: [../base]\nnamePrefix: eu-\n",
        "us/kustomization.yaml": "resources: [../base]\nnamePrefix: us-\nnameSuffix: -x\n",
        "prod/kustomization.yaml": "resources: [../eu, ../us]\nnamePrefix: all-\n",
    },
    "two copies in two namespaces": {
        "base/kustomization.yaml": BASE + "configMapGenerator: [{name: made, literals: [a=1]}]\n",
        "base/web.yaml": dedent(PAIR),
        "eu/kustomization.yaml": "resources: [../base]\nnamespace: eu\n",
        "us/kustomization.yaml": "resources: [../base]\nnamespace: us\nnamePrefix: us-\n",
        "prod/kustomization.yaml": "resources: [../eu, ../us]\n",
    },
    "all that names and labels reach": more("namePrefix: eu-\nnamespace: shop\ncommonLabels: {team: shop}\n"),
    "annotations everywhere": more("commonAnnotations: {owner: team-shop}\n"),
    "odd lists": more(
        "patches: [{path: patch.yaml}]\n",
        patch__yaml="""\
            apiVersion: v1
            kind: Pod
            metadata: {name: odd, finalizers: [c, a]}
            spec:
              containers:
                - name: one
                  image: registry.example/other
                  ports: [{containerPort: 53, protocol: UDP, name: dns}, {containerPort: 99}]
              tolerations: [{key: new, operator: Exists}]
              topologySpreadConstraints:
                - {topologyKey: zone, whenUnsatisfiable: DoNotSchedule, maxSkew: 3}
              imagePullSecrets: [{name: third}]
              hostAliases: [{ip: 1.2.3.4, hostnames: [z]}]
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: odd}
            spec: {ports: [{port: 53, protocol: UDP, targetPort: 1}, {port: 80, name: again}]}
            ---
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: hook}
            webhooks: [{name: b.example.com, timeoutSeconds: 1}, {name: c.example.com}]
            """,
    ),
    "patches of objects in namespaces": {
        "base/kustomization.yaml": "resources: [web.yaml]\nnamespace: inner\n",
        "base/web.yaml": dedent(PAIR),
        "prod/kustomization.yaml": dedent(
            """\
            resources: [../base]
            namespace: outer
            patches:
              - patch: |-
                  apiVersion: v1
                  kind: ConfigMap
                  metadata: {name: settings, namespace: inner}
                  data: {a: "9"}
              - patch: |-
                  apiVersion: v1
                  kind: ConfigMap
                  metadata: {name: settings}
                  data: {b: "9"}
              - target: {kind: ConfigMap, namespace: inner}
                patch: |-
                  - {op: add, path: /data/c, value: "9"}
              - target: {kind: ConfigMap, namespace: out.*}
                patch: |-
                  - {op: add, path: /data/never, value: "9"}
            """
        ),
    },
    "components in a row": overlay("components: [../one, ../two]\nnameSuffix: -end\n")
    | {
        "one/kustomization.yaml": dedent(
            """\
            kind: Component
            apiVersion: kustomize.config.k8s.io/v1alpha1
            configMapGenerator: [{name: flags, literals: [a=1]}]
            images: [{name: registry.example/web, newTag: one}]
            """
        ),
        "two/kustomization.yaml": dedent(
            """\
            kind: Component
            apiVersion: kustomize.config.k8s.io/v1alpha1
            configMapGenerator: [{name: flags, behavior: merge, literals: [b=2]}]
            namePrefix: two-
            replicas: [{name: web, count: 8}]
            """
        ),
    },
    "nothing where a value should be": {
        "prod/kustomization.yaml": dedent(
            """\
            resources: [a.yaml]
            patches:
              - target: {name: patched}
                patch: |-
                  {apiVersion: v1, kind: Pod, metadata: {name: patched}, spec: {x: "1"}}
            """
        ),
        "prod/a.yaml": dedent(
            """\
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: alone
              annotations: {}
              labels:
            data:
              x:
              y: null
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: patched, annotations: , labels: ~}
            spec:
              containers:
                - name: a
                  image:
                  command: ~
                  args: [a, ~]
                  env: [{name: A, value: "1"}, {name: B, value: }, {name: A, value: "2"}]
                  ports: [{containerPort: 1}, {containerPort: 2, protocol: UDP}, {containerPort: 1, name: again}]
              other:
                - a:
                  b: ~
              m: {a: , b: {c: }}
            """
        ),
    },
    "anchors and merge keys": {
        "prod/kustomization.yaml": "resources: [a.yaml]\nnamespace: shop\n",
        "prod/a.yaml": dedent(
            """\
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: a, labels: &labels {one: "1"}}
            data: &data {x: "1", y: "2"}
            ---
            apiVersion: example.com/v1
            kind: Widget
            metadata: {name: b}
            spec:
              one: &one {a: 1, mode: 0644}
              two: {<<: *one, b: 2}
            """
        ),
    },
}
